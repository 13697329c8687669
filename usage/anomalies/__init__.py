"""What is not as usual: baselines by hour of week, alarms that looking every hour does not set off, and likely causes.

`measures` says what is watched, `baselines` what is usual, `detection` when it is not, `causes` why; these are pure
functions of figures by the hour. `watching` runs them over the ledger.
"""

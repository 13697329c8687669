"""What providers say they bill, beside what the ledger says that they cost.

A file that a provider exports is read by the form that fits its content (`reading.FORMS`), added up by day and model, kept
(`importing`), and laid beside the ledger (`comparing`).
"""

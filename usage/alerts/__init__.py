"""Alerts: what was found is kept once, told in groups on the site's channels, and ends by itself when its reason is gone.

`book` keeps them, `messages` words them, `delivery` sends them; `runaways`, `limits` and `unusual` look for them, and
`usage.watch` has them look, in the worker.
"""

"""Django's PostgreSQL backend, which keeps a few connections for whoever comes next."""

"""The HTTP API: one function behind API Gateway; `routes.py` has all that can be asked of it."""

"""The public HTTP API: one table of endpoints, from which the routes and `openapi.json` both derive."""

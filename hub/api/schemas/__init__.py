"""The shapes of requests and answers; `openapi.json` is made from these."""

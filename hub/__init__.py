"""The product: HTTP API, accounts, money, jobs, queue, store and command line."""

"""An account's webhook endpoints: who wants to hear of what, and telling them (Standard Webhooks 1.0)."""

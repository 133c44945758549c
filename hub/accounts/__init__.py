"""Accounts, their plans and their API keys."""

from hub.accounts.accounts import create_account, find_account, find_account_by_email, list_accounts
from hub.accounts.keys import Caller, NewKey, authenticate, create_key, list_keys, revoke_key, rotate_key
from hub.accounts.plans import OPENING_CREDITS, PLANS, Limits, limits_of
from hub.accounts.scopes import SCOPES

__all__ = [
    "OPENING_CREDITS",
    "PLANS",
    "SCOPES",
    "Caller",
    "Limits",
    "NewKey",
    "authenticate",
    "create_account",
    "create_key",
    "find_account",
    "find_account_by_email",
    "limits_of",
    "list_accounts",
    "list_keys",
    "revoke_key",
    "rotate_key",
]

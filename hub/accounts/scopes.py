"""What a key may do, in the words people are shown."""

from types import MappingProxyType

SCOPES = MappingProxyType(
    {
        "speech:write": "Create, cancel and delete voiceovers",
        "speech:read": "Read voiceovers and their audio links",
        "voices:write": "Save and delete voices",
        "voices:read": "List saved voices",
        "connections:write": "Connect platforms, and change and remove connections",
        "connections:read": "Read connections and their events",
        "account:read": "Read the account's balance, limits and usage",
        "webhooks:write": "Add and remove webhooks",
        "webhooks:read": "Read webhooks, their attempts and the signing secret",
    }
)

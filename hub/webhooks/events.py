"""What an account's endpoints may hear of, in the words people are shown."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

EVENTS: Final = MappingProxyType(
    {
        "generation.completed": "The audio is ready; `data` is the job's status, with a link to the audio.",
        "generation.failed": "A text could not be spoken, and its credits were given back.",
        "generation.cancelled": "A job was cancelled, and its credits were given back.",
        "voice.ready": "A voice was saved and can be spoken with.",
        "credits.low": "The unspent credits have fallen below the account's own threshold.",
        "connection.broken": "A platform no longer lets us in; its events wait until it is connected again.",
        "connection.recovered": "A broken connection works again, and what waited goes on.",
        "webhook.test": "Sent when you ask for it, to see whether an endpoint answers.",
    }
)

TEST: Final = "webhook.test"

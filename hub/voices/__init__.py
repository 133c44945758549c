"""Voices an account keeps under a name."""

from hub.voices.deleted import delete_voice, erase_voice, list_deleted, restore_voice, sweep
from hub.voices.saved import default_voice, find_voice, list_voices, reference_of, save_voice
from hub.voices.values import NewVoice

__all__ = [
    "NewVoice",
    "default_voice",
    "delete_voice",
    "erase_voice",
    "find_voice",
    "list_deleted",
    "list_voices",
    "reference_of",
    "restore_voice",
    "save_voice",
    "sweep",
]

"""Voices an account keeps under a name."""

from hub.voices.saved import delete_voice, find_voice, list_voices, reference_of, save_voice
from hub.voices.values import NewVoice

__all__ = ["NewVoice", "delete_voice", "find_voice", "list_voices", "reference_of", "save_voice"]

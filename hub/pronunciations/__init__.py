"""Words an account wants said its own way."""

from hub.pronunciations.entries import MOST_ENTRIES, delete_entry, keep_entry, list_entries, spoken_by

__all__ = ["MOST_ENTRIES", "delete_entry", "keep_entry", "list_entries", "spoken_by"]

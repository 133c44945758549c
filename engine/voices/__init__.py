"""Voices: designed from a description, or cloned from a recording."""

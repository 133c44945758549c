"""Zapier: Zaps that start with a voiceover, order one, and wait for it."""

"""Voices: designed from a description, or cloned from a recording."""

from engine.voices.clone import clone
from engine.voices.colouring import coloured
from engine.voices.design import design
from engine.voices.effects import Effects
from engine.voices.voice import Voice

__all__ = ["Effects", "Voice", "clone", "coloured", "design"]

"""Whole chapters: a text is planned into parts that are spoken one by one and joined into one file.

Light to import: planning needs no model, so the web process can price a chapter before accepting it.
"""

from engine.longform.join import SpokenPart, join
from engine.longform.plan import MAX_CHARACTERS, Part, plan, plan_text
from engine.longform.script import Block, TextKind, read_script

__all__ = [
    "MAX_CHARACTERS",
    "Block",
    "Part",
    "SpokenPart",
    "TextKind",
    "join",
    "plan",
    "plan_text",
    "read_script",
]

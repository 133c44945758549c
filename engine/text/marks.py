"""Punctuation of all writings in the few marks the model reads as pauses and melody."""

from __future__ import annotations

_MARKS = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "ʼ": "'", "„": "“", "«": "“", "»": "”", "‹": "“", "›": "”", "‚": ","}
    | {"–": "—", "―": "—", "‒": "—"}
    | {
        "。": ". ",
        "，": ", ",
        "、": ", ",
        "！": "! ",
        "？": "? ",
        "：": ": ",
        "；": "; ",
        "．": ". ",
        "｡": ". ",
    }
    | {"「": "“", "」": "”", "『": "“", "』": "”", "《": "“", "》": "”", "【": "(", "】": ")", "・": " "}
    | {
        "（": "(",
        "）": ")",
        "［": "(",
        "］": ")",
        "[": "(",
        "]": ")",
        "{": "(",
        "}": ")",
        "〈": "“",
        "〉": "”",
    }
    | {
        "،": ", ",
        "؛": "; ",
        "؟": "? ",
        "।": ". ",
        "॥": ". ",
        "۔": ". ",
        "։": ". ",
        "…": "… ",
        "¿": "",
        "¡": "",
        "·": " ",
    }
)

SENTENCE_ENDS = ".!?…。！？｡．؟।॥۔։"
CLAUSE_ENDS = ",;:—–，、；：،؛"
CLOSERS = "\"'”’»›)]}」』）》】"
SPOKEN_MARKS = frozenset({chr(mark) for mark in _MARKS} | set(".,;:!?—\"“”()'- "))
"""Marks that are heard as pauses or melody, or rightly not at all, rather than left out."""


def plain_marks(text: str) -> str:
    return text.translate(_MARKS)

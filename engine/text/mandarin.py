"""Mandarin phonemes: jieba finds the words, pypinyin their readings, misaki spells them with tones."""

from __future__ import annotations

import logging
import warnings
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from misaki.zh import ZHG2P

_lock = Lock()


def phonemes(text: str) -> str:
    with _lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cn2an warns of numbers too long for it and leaves them as they are
        spelled, _ = _reader()(text)
    return str(spelled).strip()


def split(text: str) -> list[str]:
    """The words of unspaced Mandarin."""
    import jieba

    with _lock:
        _reader()
        return list(jieba.cut(text))


@cache
def _reader() -> ZHG2P:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    from misaki.zh import ZHG2P

    return ZHG2P()

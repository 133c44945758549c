"""Spoken words as subtitles: SubRip (SRT) and WebVTT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.values import Word

MEDIA_TYPES = {"srt": "application/x-subrip; charset=utf-8", "vtt": "text/vtt; charset=utf-8"}

_LINE_CHARACTERS = 42
_LINE_SECONDS = 5.0
_PAUSE_SECONDS = 0.8
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？", "।")


@dataclass(frozen=True, slots=True)
class Caption:
    start: float
    end: float
    text: str


def captions(words: Iterable[Word]) -> Iterator[Caption]:
    """Words gathered into lines one can read: cut at sentence ends, pauses, 42 characters or 5 seconds."""
    line: list[Word] = []
    for word in words:
        if line and _is_full(line, word):
            yield _joined(line)
            line = []
        line.append(word)
    if line:
        yield _joined(line)


def as_srt(words: Iterable[Word]) -> str:
    return "".join(
        f"{number}\n{_clock(caption.start, ',')} --> {_clock(caption.end, ',')}\n{caption.text}\n\n"
        for number, caption in enumerate(captions(words), start=1)
    )


def as_vtt(words: Iterable[Word]) -> str:
    """WebVTT; `&`, `<` and `>` are escaped because its cue text is markup."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(caption.start, '.')} --> {_clock(caption.end, '.')}\n{_escaped(caption.text)}\n\n"
        for caption in captions(words)
    )


def _is_full(line: Sequence[Word], following: Word) -> bool:
    last = line[-1]
    return (
        last.text.endswith(_SENTENCE_ENDS)
        or following.start - last.end >= _PAUSE_SECONDS
        or following.end - line[0].start > _LINE_SECONDS
        or sum(len(word.text) + 1 for word in line) + len(following.text) > _LINE_CHARACTERS
    )


def _joined(line: Sequence[Word]) -> Caption:
    return Caption(line[0].start, line[-1].end, " ".join(word.text for word in line))


def _clock(seconds: float, mark: str) -> str:
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""What a file says of itself: that its speech is synthetic, what made it, and where its chapters begin.

WAV carries RIFF INFO, MP3 carries ID3v2.4 (chapters as CHAP and CTOC), FLAC and Opus carry Vorbis comments
(chapters as CHAPTERxxx). The source type is IPTC's term for media made by a trained model.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from engine.values import AudioFormat, Chapter

_MOST_CHAPTERS = 255
"""As many as a table of contents can name."""

_NO_OFFSET = 0xFFFFFFFF

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


@dataclass(frozen=True, slots=True)
class Labels:
    """`generation` names the order that the audio answers; nothing personal is written."""

    engine: str = ""
    cloned: bool = False
    generation: str | None = None
    chapters: tuple[Chapter, ...] = ()

    @property
    def sentence(self) -> str:
        voice = "a voice cloned from a recording" if self.cloned else "a designed voice"
        named = f" Generation {self.generation}." if self.generation else ""
        return f"Synthetic speech in {voice}, made by Sayhook.{named}"

    @property
    def software(self) -> str:
        return f"Sayhook ({self.engine})" if self.engine else "Sayhook"

    def vorbis(self) -> Iterator[tuple[str, str]]:
        yield "COMMENT", self.sentence
        yield "ENCODED-BY", self.software
        yield "DIGITALSOURCETYPE", SOURCE_TYPE
        if self.generation:
            yield "GENERATION", self.generation
        for number, chapter in enumerate(self.chapters[:_MOST_CHAPTERS], start=1):
            yield f"CHAPTER{number:03}", _clock(chapter.start)
            yield f"CHAPTER{number:03}NAME", chapter.title


def labelled(data: bytes, format: AudioFormat, labels: Labels, seconds: float) -> bytes:
    """The file with its labels; `seconds` is its length."""
    match format:
        case AudioFormat.WAV:
            return _with_info(data, labels)
        case AudioFormat.MP3:
            return id3(labels, seconds) + data
        case AudioFormat.FLAC | AudioFormat.OPUS:
            return _with_comments(data, format, labels)


def id3(labels: Labels, seconds: float | None = None) -> bytes:
    """An ID3v2.4 tag; chapters need the length of the audio."""
    from mutagen.id3 import CHAP, COMM, CTOC, ID3, TENC, TIT2, TXXX, CTOCFlags, Encoding

    tag = ID3()
    tag.add(COMM(encoding=Encoding.UTF8, lang="eng", desc="", text=[labels.sentence]))
    tag.add(TENC(encoding=Encoding.UTF8, text=[labels.software]))
    tag.add(TXXX(encoding=Encoding.UTF8, desc="DIGITALSOURCETYPE", text=[SOURCE_TYPE]))
    if labels.generation:
        tag.add(TXXX(encoding=Encoding.UTF8, desc="GENERATION", text=[labels.generation]))
    chapters = labels.chapters[:_MOST_CHAPTERS]
    if chapters and seconds is not None:
        names = [f"chapter{number}" for number in range(1, len(chapters) + 1)]
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        tag.add(CTOC(element_id="chapters", flags=flags, child_element_ids=names, sub_frames=[]))
        ends = [*(chapter.start for chapter in chapters[1:]), seconds]
        for name, chapter, end in zip(names, chapters, ends, strict=True):
            tag.add(
                CHAP(
                    element_id=name,
                    start_time=round(chapter.start * 1000),
                    end_time=round(end * 1000),
                    start_offset=_NO_OFFSET,
                    end_offset=_NO_OFFSET,
                    sub_frames=[TIT2(encoding=Encoding.UTF8, text=[chapter.title])],
                )
            )
    file = io.BytesIO()
    tag.save(file, v2_version=4)
    return file.getvalue()


def info_chunk(labels: Labels) -> bytes:
    """A RIFF LIST chunk of type INFO."""
    texts = ((b"ICMT", labels.sentence), (b"ISFT", labels.software), (b"ISRC", SOURCE_TYPE))
    body = b"INFO" + b"".join(_chunk(name, text.encode() + b"\0") for name, text in texts)
    return _chunk(b"LIST", body)


def _with_info(data: bytes, labels: Labels) -> bytes:
    """Behind the format chunk, where readers that stop at the samples have met it."""
    (length,) = struct.unpack_from("<I", data, 16)
    at = 20 + length + length % 2
    added = info_chunk(labels)
    head = struct.pack("<4sI", b"RIFF", len(data) - 8 + len(added))
    return head + data[8:at] + added + data[at:]


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + bytes(len(body) % 2)


def _with_comments(data: bytes, format: AudioFormat, labels: Labels) -> bytes:
    from mutagen.flac import FLAC
    from mutagen.oggopus import OggOpus

    file = io.BytesIO(data)
    audio = FLAC(file) if format is AudioFormat.FLAC else OggOpus(file)
    for name, text in labels.vorbis():
        audio[name] = [text]
    file.seek(0)
    audio.save(file)
    return file.getvalue()


def _clock(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"

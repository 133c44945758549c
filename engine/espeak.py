"""espeak-ng through its C API: phonemes in IPA, and speech of its own formant synthesiser.

The library keeps one global state, so every use holds one lock. Constants and signatures are those of
`speak_lib.h` of espeak-ng 1.52.
"""

from __future__ import annotations

import ctypes
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

import espeakng_loader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8 = 1
_IPA = 0x02
_TIES = 0x80
_CHARACTER_POSITION = 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_WORDS_PER_MINUTE = 165

TIE = "^"
"""Stands between the two halves of an affricate or a diphthong in what `ipa` returns."""

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_lock = Lock()
_samples: list[bytes] = []


class EspeakError(Exception):
    """espeak-ng refused; its library or data cannot be used on this machine."""


def ipa(text: str, voice: str) -> str:
    """IPA with stress marks of `text`, clauses joined by spaces; `(en)` marks a switch of language."""
    with _lock:
        library = _library()
        _choose(library, voice)
        buffer = ctypes.create_string_buffer(text.encode())
        pointer = ctypes.c_void_p(ctypes.addressof(buffer))
        mode = _IPA | _TIES | ord(TIE) << 8
        clauses: list[str] = []
        while pointer.value:
            clause: bytes | None = library.espeak_TextToPhonemes(ctypes.byref(pointer), _UTF8, mode)
            clauses.append((clause or b"").decode())
        return " ".join(clause.strip() for clause in clauses if clause.strip())


def synthesise(
    text: str, voice: str, *, pace: float = 1.0, pitch: int = 50
) -> tuple[NDArray[np.float32], int]:
    """Speech of the formant synthesiser: mono float32 in -1..1 and its sample rate in hertz.

    `pace` multiplies the usual words per minute; `pitch` is espeak's own scale, 0 to 99.
    """
    import numpy as np

    with _lock:
        library = _library()
        _choose(library, voice)
        library.espeak_SetParameter(_RATE, round(_WORDS_PER_MINUTE * pace), 0)
        library.espeak_SetParameter(_PITCH, pitch, 0)
        library.espeak_SetParameter(_RANGE, 50, 0)
        _samples.clear()
        encoded = text.encode()
        status = library.espeak_Synth(encoded, len(encoded) + 1, 0, _CHARACTER_POSITION, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        spoken = b"".join(_samples)
        _samples.clear()
    if status:
        raise EspeakError(f"espeak-ng could not speak (status {status})")
    return np.frombuffer(spoken, dtype=np.int16).astype(np.float32) / 32768.0, _sample_rate()


def _collect(wave: ctypes._Pointer[ctypes.c_short], count: int, _events: int | None) -> int:
    if wave and count:
        _samples.append(ctypes.string_at(wave, count * 2))
    return 0


_callback = _Callback(_collect)  # espeak-ng keeps the pointer, so the object must outlive every call


def _choose(library: ctypes.CDLL, voice: str) -> None:
    if library.espeak_SetVoiceByName(voice.encode()):
        raise EspeakError(f"espeak-ng has no voice named {voice}")


@cache
def _loaded() -> tuple[ctypes.CDLL, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int]
    data = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
    if rate <= 0:
        raise EspeakError("espeak-ng could not read its data files")
    library.espeak_SetSynthCallback(_callback)
    return library, rate


def _library() -> ctypes.CDLL:
    return _loaded()[0]


def _sample_rate() -> int:
    return _loaded()[1]

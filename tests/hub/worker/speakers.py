"""Speakers for tests of the queue: real WAV files, timed and troubled as the text says."""

from __future__ import annotations

import io
import os
import signal
import time
import wave
from pathlib import Path

import numpy as np

from engine.audio.live import LIVE_RATE, Listener
from engine.errors import AudioDefective, Cancelled, NothingToSpeak
from engine.values import Cancelled as AskCancelled
from engine.values import Progress, Speech, SpeechRequest

RATE = 8000


class ScriptedSpeaker:
    """The text is the script: `say 2` takes two seconds, `die` kills the process, and so on.

    Every start is a line in `journal`: process id and text.
    """

    def __init__(self, journal: Path) -> None:
        self._journal = journal

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: AskCancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech:
        with self._journal.open("a") as journal:
            journal.write(f"{os.getpid()} {request.text}\n")
        verb, _, amount = request.text.partition(" ")
        seconds = float(amount.split()[0]) if amount else 0.0
        match verb:
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "mumble":
                raise NothingToSpeak("There is nothing to speak in this text.")
            case "crackle":
                raise AudioDefective("The audio came out silent twice.")
            case "burst":
                raise ValueError(f"a bug while speaking: {request.text}")
            case "swell":
                raise MemoryError
            case "hang":
                time.sleep(seconds)
            case _:
                self._work(seconds, progress, cancelled, listener)
        return scripted_speech(request, max(seconds, 0.1))

    def _work(
        self,
        seconds: float,
        progress: Progress | None,
        cancelled: AskCancelled | None,
        listener: Listener | None,
    ) -> None:
        steps = max(1, int(seconds / 0.05))
        for step in range(steps):
            if cancelled and cancelled():
                raise Cancelled("stopped")
            if progress:
                progress(step / steps)
            time.sleep(seconds / steps)
            if listener:
                listener(np.zeros(round(LIVE_RATE * seconds / steps), np.float32))


def scripted_speech(request: SpeechRequest, seconds: float) -> Speech:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(RATE)
        writer.writeframes(bytes(2 * int(RATE * seconds)))
    return Speech(file.getvalue(), request.format, RATE, seconds, "en", request.seed or 1, "scripted")

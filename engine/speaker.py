"""From a request to finished audio."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from engine.crowd import Crowd
from engine.errors import AudioDefective, Cancelled
from engine.languages import LANGUAGES
from engine.script import Line, Script, script_of
from engine.values import Cancelled as IsCancelled
from engine.values import Mode, Progress, Speech, SpeechRequest, Word
from engine.voicing import Casting

if TYPE_CHECKING:
    from engine.audio.live import Listener
    from engine.backends.kokoro import Kokoro
    from engine.backends.protocol import Backend, Rendered
    from engine.packs import Packs
    from engine.voices import Voice
    from engine.voices.voice import Style

RENDERING_SHARE = 0.95
"""How much of the progress the rendering takes; the rest is joining, levelling and encoding."""

_TRIES = 2


class Engine:
    """Speaks requests with the models of one folder, as many at once as there are threads that ask.

    Nothing of a request is kept. `threads` 0 means one per core: a lone request uses them all, requests at
    once use one each. Files are read when first needed: a missing or damaged one raises `ModelMissing` from
    `speak` or `warm_up`.
    """

    name = "kokoro"

    def __init__(self, models: Path, *, threads: int = 0) -> None:
        self._folder = models
        self._threads = threads
        self._crowd = Crowd()
        self._loading = Lock()

    def warm_up(self) -> None:
        """Load the model and speak a word, so that the first request does not wait for it.

        What tells languages apart is loaded after that, in the background.
        """
        from engine import detection

        self.speak(SpeechRequest(text="Ready.", language="en"))
        detection.preload()

    def speak(
        self,
        request: SpeechRequest,
        *,
        progress: Progress | None = None,
        cancelled: IsCancelled | None = None,
        listener: Listener | None = None,
    ) -> Speech:
        """The finished audio of `request`; `listener` hears each stretch of it as soon as it is made.

        Raises `NothingToSpeak`, `LanguageNotServed`, `ReferenceRejected`, `ModelMissing`, `AudioDefective`
        (after a retry) or `Cancelled`. `progress` never falls and ends at 1.0.
        """
        with self._crowd.joined():
            _stop_if(cancelled)
            script = self._script(request, cancelled)
            rendered = self._render(script, progress or _nobody, cancelled, _heard(script, listener))
            speech = _finished(script, rendered, request, self._backend(script.code).name)
            (progress or _nobody)(1.0)
            return speech

    def _script(self, request: SpeechRequest, cancelled: IsCancelled | None) -> Script:
        def casting(code: str, seed: int) -> Casting:
            return Casting(request, code, seed, self._packs, self._folder, self._say, cancelled)

        return script_of(request, casting)

    def _render(
        self,
        script: Script,
        progress: Progress,
        cancelled: IsCancelled | None,
        heard: Callable[[Rendered], None],
    ) -> list[Rendered]:
        backend = self._backend(script.code)
        whole = sum(len(line.segment.phonemes) for line in script.lines)
        done = 0
        rendered: list[Rendered] = []
        for line in script.lines:
            _stop_if(cancelled)
            rendered.append(_checked(backend, line, script.code))
            heard(rendered[-1])
            done += len(line.segment.phonemes)
            progress(RENDERING_SHARE * done / whole)
        _stop_if(cancelled)
        return rendered

    def _backend(self, code: str) -> Backend:
        return self._formant if LANGUAGES[code].tier == "formant" else self._kokoro

    def _say(self, phonemes: str, style: Style, speed: float) -> Style:
        return self._kokoro.say(phonemes, style, speed)

    @property
    def _kokoro(self) -> Kokoro:
        with self._loading:
            return self._loaded_kokoro

    @cached_property
    def _loaded_kokoro(self) -> Kokoro:
        from engine.backends.kokoro import Kokoro

        return Kokoro(self._folder, threads=self._threads, crowd=self._crowd)

    @cached_property
    def _formant(self) -> Backend:
        from engine.backends.formant import Formant

        return Formant()

    @cached_property
    def _packs(self) -> Packs:
        from engine.packs import Packs

        return Packs(self._folder)


def speak(request: SpeechRequest) -> Speech:
    """The audio of `request` from an engine on this user's default models folder, kept between calls."""
    return _default_engine().speak(request)


@cache
def _default_engine() -> Engine:
    cache_folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Engine(cache_folder / "sayhook" / "models")


def _checked(backend: Backend, line: Line, code: str) -> Rendered:
    from engine.audio.guard import defect
    from engine.backends.protocol import SAMPLE_RATE

    flaw = None
    for retry in range(_TRIES):
        rendered = backend.render(line.segment, code, line.voice, retry)
        flaw = defect(rendered.samples, SAMPLE_RATE, len(line.segment.phonemes), line.voice.speed)
        if flaw is None:
            return _affected(rendered, line.voice)
    raise AudioDefective(f"The voice could not say this text properly: {flaw}, again after a retry.")


def _affected(rendered: Rendered, voice: Voice) -> Rendered:
    from engine.audio.edges import quietened
    from engine.backends.protocol import SAMPLE_RATE, Rendered

    scale = voice.time_scale
    spans = tuple((round(first * scale), round(last * scale)) for first, last in rendered.spans)
    samples, moved = quietened(voice.apply(rendered.samples), SAMPLE_RATE)
    return Rendered(samples, tuple((moved(first), moved(last)) for first, last in spans))


def _heard(script: Script, listener: Listener | None) -> Callable[[Rendered], None]:
    """Places what is rendered as `_finished` does, line by line."""
    if listener is None:
        return _nobody
    from engine.audio import edges
    from engine.audio.live import LiveLevel
    from engine.backends.protocol import SAMPLE_RATE

    level = LiveLevel(listener, SAMPLE_RATE)
    lines = iter(script.lines)
    placing = edges.Placing(script.lead, script.tail, SAMPLE_RATE)
    left = len(script.lines)

    def heard(rendered: Rendered) -> None:
        nonlocal left
        left -= 1
        first, last = edges.bounds(rendered.samples, SAMPLE_RATE)
        level(placing.place(rendered.samples[first:last], next(lines).pause, last=left == 0))

    return heard


def _finished(script: Script, rendered: Sequence[Rendered], request: SpeechRequest, engine: str) -> Speech:
    import numpy as np

    from engine.audio import edges, encoding, loudness
    from engine.audio.labels import Labels
    from engine.backends.protocol import SAMPLE_RATE

    cuts = [edges.bounds(part.samples, SAMPLE_RATE) for part in rendered]
    parts = [part.samples[first:last] for part, (first, last) in zip(rendered, cuts, strict=True)]
    whole, starts = edges.joined(parts, [line.pause for line in script.lines], SAMPLE_RATE)
    lead, tail = (edges.silence(seconds, SAMPLE_RATE) for seconds in (script.lead, script.tail))
    samples = np.concatenate([lead, loudness.levelled(whole, SAMPLE_RATE), tail])
    starts = [len(lead) + start for start in starts]
    labels = Labels(engine, request.mode is Mode.CLONE, request.generation)
    return Speech(
        audio=encoding.encode(samples, SAMPLE_RATE, request.format, labels),
        format=request.format,
        sample_rate=SAMPLE_RATE,
        duration_seconds=len(samples) / SAMPLE_RATE,
        language=script.code,
        seed=script.seed,
        engine=engine,
        words=_words(script, rendered, cuts, starts),
        peaks=encoding.peaks(samples),
        warnings=script.warnings,
    )


def _words(
    script: Script, rendered: Sequence[Rendered], cuts: Sequence[tuple[int, int]], starts: Sequence[int]
) -> tuple[Word, ...]:
    from engine.audio.edges import LEAD_SECONDS, TAIL_SECONDS
    from engine.backends.protocol import SAMPLE_RATE
    from engine.timing import word_times

    done: list[Word] = []
    for line, part, (first, last), start in zip(script.lines, rendered, cuts, starts, strict=True):
        begins = start / SAMPLE_RATE + LEAD_SECONDS
        ends = max(begins, (start + last - first) / SAMPLE_RATE - TAIL_SECONDS)
        moved = (start - first) / SAMPLE_RATE
        spans = [(a / SAMPLE_RATE + moved, b / SAMPLE_RATE + moved) for a, b in part.spans]
        done += word_times(line.segment, begins, ends, spans)
    return tuple(done)


def _stop_if(cancelled: IsCancelled | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled("The generation was cancelled.")


def _nobody(_made: object) -> None:
    pass

"""espeak-ng's own synthesiser, for languages the model would make unintelligible."""

from __future__ import annotations

import numpy as np

from engine import espeak
from engine.backends.protocol import SAMPLE_RATE, Rendered
from engine.languages import LANGUAGES
from engine.packs import gender_of, leading
from engine.text.segments import Segment
from engine.voices import Voice

_LOW_PITCH, _HIGH_PITCH = 38, 62


class Formant:
    """Follows the voice's pace, and its gender where the voice's name tells one."""

    name = "espeak"

    def render(self, segment: Segment, code: str, voice: Voice, retry: int) -> Rendered:
        from scipy.signal import resample_poly

        model = leading(voice.name)
        pitch = _HIGH_PITCH if model and gender_of(model) == "female" else _LOW_PITCH
        pace = voice.speed * (1.0 + 0.01 * retry)
        samples, rate = espeak.synthesise(segment.text, LANGUAGES[code].espeak, pace=pace, pitch=pitch)
        return Rendered(resample_poly(samples, SAMPLE_RATE // 150, rate // 150).astype(np.float32))

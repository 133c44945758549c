"""Speech from the hub is understood as well as speech from the bare model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from kokoro_onnx import Kokoro

from hub.settings import Settings
from tests.flow.ear import heard, heard_samples, word_error_rate
from tests.flow.running_hub import RunningHub
from tests.flow.sentences import ENGLISH
from tests.flow.spoken import Spoken

pytestmark = pytest.mark.xdist_group("listening")  # as long as all others of this folder together


@pytest.mark.timeout(600)
def test_word_error_rate_is_at_most_one_point_above_kokoro_alone(
    hub_server: RunningHub, spoken_at_once: list[Spoken], tmp_path: Path
) -> None:
    sentences = list(ENGLISH)
    rest = sentences[len(spoken_at_once) :]
    account = hub_server.new_account(plan="paid", credits=50 * len(rest))
    jobs = [account.generate(sentence, language="en")["id"] for sentence in rest]
    ours = [spoken.written for spoken in spoken_at_once]
    ours += [heard(account.audio(account.completed(job, seconds=240))) for job in jobs]

    kokoro = _kokoro(Settings().models, tmp_path)
    theirs = [heard_samples(*kokoro.create(sentence, voice="af_heart")) for sentence in sentences]

    through_the_hub = word_error_rate(sentences, ours)
    alone = word_error_rate(sentences, theirs)
    print(f"word error rate: hub {through_the_hub:.2%}, kokoro-onnx {alone:.2%}")
    assert alone < 0.10, "the ear or the model is broken: nothing can be compared"
    assert through_the_hub <= alone + 0.01, _differences(sentences, ours, theirs)


def _kokoro(models: Path, folder: Path) -> Kokoro:
    """kokoro-onnx over the same model file and the same style pack that the hub fetched."""
    pack = next(models.rglob("af_heart.bin"))
    voices = folder / "voices.npz"
    np.savez(voices, af_heart=np.fromfile(pack, dtype=np.float32).reshape(510, 1, 256))
    options = onnxruntime.SessionOptions()
    # With its defaults the threads of a session wait by spinning, beside a hub that is speaking.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(next(models.rglob("*.onnx"))), options)
    kokoro: Kokoro = Kokoro.from_session(session, str(voices))
    return kokoro


def _differences(said: list[str], ours: list[str], theirs: list[str]) -> str:
    wrong = [
        f"{text!r}: hub {mine!r}, alone {other!r}"
        for text, mine, other in zip(said, ours, theirs, strict=True)
        if word_error_rate([text], [mine]) > word_error_rate([text], [other])
    ]
    return "\n".join(wrong)

"""Speech from the hub is understood as well as speech from the bare model.

The short sentences are compared that were spoken for another test: the bare model says every eighth, and each
in which a word of the hub's was misheard. `SAYHOOK_TEST_SENTENCES=50` has it say fifty whole ones.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
import pytest

from engine.assets import MODEL
from hub.settings import Settings
from tests.flow.ear import heard_in_turn, word_error_rate
from tests.flow.recordings import samples
from tests.flow.running_hub import RunningHub
from tests.flow.sentences import ENGLISH
from tests.flow.spoken import Spoken

if TYPE_CHECKING:
    from kokoro_onnx import Kokoro

WHOLE = int(os.environ.get("SAYHOOK_TEST_SENTENCES", "0"))
AT_A_TIME = 25  # its queue takes a few more
MORE = 0.01 if WHOLE else 0.02  # of so few words, one is almost a point


@pytest.mark.timeout(600)
def test_the_word_error_rate_is_that_of_kokoro_alone(
    hub_server: RunningHub, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if WHOLE:
        sentences = list(ENGLISH[:WHOLE])
        ours = _spoken(hub_server, sentences)
        again = sentences
    else:
        sample: list[Spoken] = request.getfixturevalue("spoken_at_once")
        sentences = [spoken.sentence for spoken in sample]
        ours = [spoken.written for spoken in sample]
        again = _worth_saying_again(sentences, ours)

    kokoro = _kokoro(Settings().models, tmp_path)
    heard = heard_in_turn([kokoro.create(sentence, voice="af_heart") for sentence in again])
    # Where the hub made no mistake the bare model cannot make fewer: it is taken to make none either.
    theirs = [dict(zip(again, heard, strict=True)).get(sentence, sentence) for sentence in sentences]

    through_the_hub = word_error_rate(sentences, ours)
    alone = word_error_rate(sentences, theirs)
    print(
        f"word error rate: hub {through_the_hub:.2%}, kokoro-onnx {'' if WHOLE else 'at least '}{alone:.2%}"
    )
    assert alone < 0.10, "the ear or the model is broken: nothing can be compared"
    assert through_the_hub <= alone + MORE, _differences(sentences, ours, theirs)


def _worth_saying_again(sentences: list[str], ours: list[str]) -> list[str]:
    return [
        sentence
        for number, (sentence, written) in enumerate(zip(sentences, ours, strict=True))
        if number % 8 == 0 or word_error_rate([sentence], [written]) > 0
    ]


def _spoken(hub: RunningHub, sentences: list[str]) -> list[str]:
    account = hub.new_account(plan="paid", credits=50 * len(sentences))
    recordings = []
    for first in range(0, len(sentences), AT_A_TIME):
        some = sentences[first : first + AT_A_TIME]
        jobs = [account.generate(sentence, language="en")["id"] for sentence in some]
        recordings += [samples(account.audio(account.completed(job, seconds=240))) for job in jobs]
    return heard_in_turn(recordings)


def _kokoro(models: Path, folder: Path) -> Kokoro:
    """kokoro-onnx over the same model file and the same style pack that the hub fetched."""
    from kokoro_onnx import Kokoro

    pack = next(models.rglob("af_heart.bin"))
    voices = folder / "voices.npz"
    np.savez(voices, af_heart=np.fromfile(pack, dtype=np.float32).reshape(510, 1, 256))
    options = onnxruntime.SessionOptions()
    # With its defaults the threads of a session wait by spinning, beside a hub that is speaking.
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(models / MODEL.file, options)
    kokoro: Kokoro = Kokoro.from_session(session, str(voices))
    return kokoro


def _differences(said: list[str], ours: list[str], theirs: list[str]) -> str:
    wrong = [
        f"{text!r}: hub {mine!r}, alone {other!r}"
        for text, mine, other in zip(said, ours, theirs, strict=True)
        if word_error_rate([text], [mine]) > word_error_rate([text], [other])
    ]
    return "\n".join(wrong)

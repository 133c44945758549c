"""The real package on a tiny checkpoint: everything but what the voice sounds like."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.backends.voxcpm import VoxCPM
from engine.backends.voxcpm_prompt import Transcripts, prompt_of
from engine.errors import AudioDefective, BackendUnavailable, ModelMissing
from engine.values import SpeechRequest
from tests.engine.backends import voxcpm_studio
from tests.engine.backends.conftest import recording
from tests.engine.backends.tiny_voxcpm import Codec, Stop, build
from tests.engine.backends.voxcpm_studio import Studio

# The first test of a fresh machine waits for the package to be downloaded.
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("voxcpm")]

PATCH = 7680
SAID = "What is said there takes about as long as the recording does."
HELLO = SpeechRequest(text="Good morning, everyone!", seed=5)
CLONE = SpeechRequest(
    text="The weather is bright today, and we will walk to the harbour.", reference=recording(), seed=5
)
MATCHED = replace(CLONE, reference_text=SAID)


def assert_same(heard: NDArray[np.float32], expected: NDArray[np.float32]) -> None:
    """The same speech; another seed differs by a few hundredths."""
    assert heard.shape == expected.shape
    np.testing.assert_allclose(heard, expected, atol=1e-4)


@pytest.fixture
def clip(tmp_path: Path) -> str:
    path = tmp_path / "clip.wav"
    path.write_bytes(prompt_of(CLONE).voice.reference or b"")
    return str(path)


class TestModes:
    def test_a_voice_of_its_own(self, studio: Studio, tiny: Path) -> None:
        heard = studio(voxcpm_studio.speak, tiny, HELLO)
        assert (heard.sample_rate, heard.samples.dtype.str, heard.samples.ndim) == (48_000, "<f4", 1)
        assert len(heard.samples) % PATCH == 0
        expected = studio(voxcpm_studio.by_the_package, tiny, HELLO.text, 5)
        assert_same(heard.samples, expected)

    def test_voice_design(self, studio: Studio, tiny: Path) -> None:
        heard = studio(
            voxcpm_studio.speak, tiny, replace(HELLO, text="(cheerful) Good morning!", description="warm")
        )
        expected = studio(voxcpm_studio.by_the_package, tiny, "(warm, cheerful)Good morning!", 5)
        assert_same(heard.samples, expected)

    def test_cloning(self, studio: Studio, tiny: Path, clip: str) -> None:
        heard = studio(voxcpm_studio.speak, tiny, CLONE)
        expected = studio(voxcpm_studio.by_the_package, tiny, CLONE.text, 5, {"reference_wav_path": clip})
        assert_same(heard.samples, expected)
        other = studio(voxcpm_studio.speak, tiny, replace(CLONE, reference=recording(pitch=260)))
        assert not np.array_equal(other.samples, heard.samples)

    @pytest.mark.parametrize("transcripts", [Transcripts.BOTH, Transcripts.CONTINUE])
    def test_cloning_with_a_transcript(
        self, studio: Studio, tiny: Path, clip: str, transcripts: Transcripts
    ) -> None:
        heard = studio(voxcpm_studio.speak, tiny, MATCHED, transcripts)
        reference = clip if transcripts is Transcripts.BOTH else None
        options = {"prompt_wav_path": clip, "prompt_text": SAID, "reference_wav_path": reference}
        expected = studio(voxcpm_studio.by_the_package, tiny, MATCHED.text, 5, options)
        assert_same(heard.samples, expected)

    def test_long_text_keeps_the_voice_of_its_first_piece(self, studio: Studio, tiny: Path) -> None:
        first = "The first sentence says something or other about the weather."
        second = (
            "The second one goes on, without a break, about all that " + "was seen and said " * 8 + "by then."
        )
        heard = studio(voxcpm_studio.speak, tiny, SpeechRequest(text=f"{first} {second}", seed=5))
        assert [piece.text for piece in heard.pieces] == [first, second]
        alone = studio(voxcpm_studio.speak, tiny, SpeechRequest(text=second, seed=5))
        _, piece = heard.pieces
        assert not np.array_equal(heard.samples[piece.start : piece.end], alone.samples)

    def test_a_described_voice_is_one_voice_in_every_part(
        self, studio: Studio, tiny: Path, tmp_path: Path
    ) -> None:
        kept = tmp_path / "designed"
        part = replace(HELLO, description="warm")
        studio(voxcpm_studio.speak_with_kept_voices, tiny, part, kept)
        (made,) = kept.iterdir()
        heard = studio(
            voxcpm_studio.speak_with_kept_voices, tiny, replace(part, text="(sad) And good night."), kept
        )
        expected = studio(
            voxcpm_studio.by_the_package,
            tiny,
            "(sad)And good night.",
            5,
            {"reference_wav_path": str(made)},
        )
        assert_same(heard.samples, expected)
        assert [*kept.iterdir()] == [made], "the second part made nobody up"
        studio(voxcpm_studio.speak_with_kept_voices, tiny, replace(part, seed=6), kept)
        assert len([*kept.iterdir()]) == 2


class TestNumbers:
    def test_the_same_seed_gives_the_same_samples(self, studio: Studio, tiny: Path) -> None:
        first, again, other = (
            studio(voxcpm_studio.speak, tiny, replace(HELLO, seed=seed)).samples for seed in (1, 1, 2)
        )
        assert_same(first, again)
        assert not np.array_equal(first, other)

    def test_without_a_seed_the_request_decides(self, studio: Studio, tiny: Path) -> None:
        first, again, other = (
            studio(voxcpm_studio.speak, tiny, replace(HELLO, seed=None, description=description))
            for description in ("warm", "warm", "cold")
        )
        assert (first.seed, np.array_equal(first.samples, again.samples)) == (again.seed, True)
        assert first.seed != other.seed

    @pytest.mark.parametrize("changed", [{"cfg_value": 0.5}, {"cfg_value": 5.0}, {"inference_timesteps": 4}])
    def test_settings_reach_the_model(self, studio: Studio, tiny: Path, changed: dict[str, float]) -> None:
        usual = studio(voxcpm_studio.speak, tiny, HELLO).samples
        heard = studio(voxcpm_studio.speak, tiny, replace(HELLO, **changed)).samples  # type: ignore[arg-type]
        assert not np.array_equal(usual, heard)


class TestStreaming:
    def test_chunks_are_160_milliseconds_and_add_up_to_the_whole(self, studio: Studio, tiny: Path) -> None:
        chunks = studio(voxcpm_studio.stream, tiny, CLONE)
        assert {(len(chunk.samples), chunk.sample_rate) for chunk in chunks} == {(PATCH, 48_000)}
        whole = studio(voxcpm_studio.speak, tiny, CLONE).samples
        assert_same(np.concatenate([chunk.samples for chunk in chunks]), whole)

    def test_leaving_early_spoils_nothing(self, studio: Studio, tiny: Path) -> None:
        before = studio(voxcpm_studio.speak, tiny, HELLO).samples
        first = studio(voxcpm_studio.leave_stream, tiny, HELLO)
        assert_same(first.samples, before[:PATCH])
        assert_same(studio(voxcpm_studio.speak, tiny, HELLO).samples, before)

    def test_cancelling_stops_between_two_steps(self, studio: Studio, tiny: Path) -> None:
        before = studio(voxcpm_studio.speak, tiny, HELLO).samples
        long = replace(HELLO, text="One sentence that takes more than a hundred steps to be said. " * 3)
        assert 3 <= studio(voxcpm_studio.count_steps, tiny, long, enough=3) < 60
        assert_same(studio(voxcpm_studio.speak, tiny, HELLO).samples, before)


def test_requests_at_once_are_spoken_as_if_alone(studio: Studio, tiny: Path) -> None:
    requests = [replace(HELLO, seed=seed, text=f"Good morning, number {seed}.") for seed in range(3)]
    together = studio(voxcpm_studio.speak_together, tiny, requests)
    for request, heard in zip(requests, together, strict=True):
        assert_same(heard.samples, studio(voxcpm_studio.speak, tiny, request).samples)


def test_finished_speech(studio: Studio, tiny: Path) -> None:
    request = SpeechRequest(text="(cheerful) I paid $3 to a friend.", language="en", seed=5)
    speech = studio(voxcpm_studio.narrate, tiny, request)
    assert (speech.engine, speech.language, speech.seed, speech.sample_rate) == ("voxcpm", "en", 5, 48_000)
    assert [word.text for word in speech.words] == ["I", "paid", "$3", "to", "a", "friend."]
    assert speech.audio.startswith(b"RIFF")


class TestCheckpoints:
    def test_one_that_never_ends_is_given_up(self, studio: Studio, tmp_path: Path) -> None:
        endless = studio(build, tmp_path / "endless", Stop.NEVER)
        with pytest.raises(AudioDefective, match="runs on far beyond its text, in each of 3 tries"):
            studio(voxcpm_studio.speak, endless, replace(HELLO, text="Hi."))

    def test_the_codec_may_come_pickled_as_in_the_release(
        self, studio: Studio, tiny: Path, tmp_path: Path
    ) -> None:
        pickled = studio(build, tmp_path / "pickled", Stop.AFTER_TEXT, Codec.PICKLED)
        heard = studio(voxcpm_studio.speak, pickled, HELLO).samples
        assert_same(heard, studio(voxcpm_studio.speak, tiny, HELLO).samples)

    def test_warming_up_speaks_in_both_ways(self, studio: Studio, tiny: Path) -> None:
        studio(voxcpm_studio.warm_up, tiny)

    def test_a_missing_folder_names_the_mend(self, tmp_path: Path) -> None:
        error = error_of(tmp_path / "nowhere")
        assert "There is no VoxCPM2 model" in error
        assert "hf download openbmb/VoxCPM2" in error
        assert "SAYHOOK_VOXCPM_MODEL" in error

    @pytest.mark.parametrize(
        "file", ["config.json", "model.safetensors", "tokenizer.json", "audiovae.safetensors"]
    )
    def test_missing_files_are_named(self, copy: Path, file: str) -> None:
        (copy / file).unlink()
        assert f"lacks {file.replace('audiovae.safetensors', 'audiovae.pth')}" in error_of(copy)

    @pytest.mark.parametrize("config", ['{"architecture": "voxcpm"}', "{}", "[]", "not json"])
    def test_other_models_are_told_apart(self, copy: Path, config: str) -> None:
        (copy / "config.json").write_text(config)
        assert "hf download openbmb/VoxCPM2" in error_of(copy)

    def test_an_unreadable_config_in_our_terms(self, studio: Studio, copy: Path) -> None:
        (copy / "config.json").write_text(json.dumps({"architecture": "voxcpm2"}))
        with pytest.raises(ModelMissing, match="could not be loaded"):
            studio(voxcpm_studio.warm_up, copy)

    def test_cut_short(self, studio: Studio, copy: Path) -> None:
        weights = (copy / "model.safetensors").read_bytes()
        (copy / "model.safetensors").write_bytes(weights[: len(weights) // 2])
        with pytest.raises(ModelMissing, match="could not be loaded"):
            studio(voxcpm_studio.warm_up, copy)

    def test_weights_the_package_would_not_miss(self, studio: Studio, copy: Path) -> None:
        studio(voxcpm_studio.drop_weight, copy, "stop_head.weight")
        with pytest.raises(ModelMissing, match=r"lacks 1 of \d+ weights, stop_head.weight for one"):
            studio(voxcpm_studio.warm_up, copy)

    def test_no_graphics_card(self, studio: Studio, tiny: Path) -> None:
        with pytest.raises(BackendUnavailable, match="SAYHOOK_VOXCPM_DEVICE=auto"):
            studio(voxcpm_studio.warm_up, tiny, "mps")

    def test_no_package(self, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "voxcpm", None)
        assert "pip install 'sayhook[voxcpm]'" in error_of(tiny)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


def error_of(folder: Path) -> str:
    backend = VoxCPM(folder, device="cpu")
    try:
        with pytest.raises(ModelMissing) as caught:
            backend.speak(HELLO)
    finally:
        backend.close()
    return str(caught.value)

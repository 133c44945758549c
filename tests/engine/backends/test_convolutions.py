"""Convolutions rewritten as products give the same integers, and the model the same samples."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from engine.assets import MODEL
from engine.backends import convolutions, kokoro_graph
from engine.backends.convolutions import rewritten
from engine.backends.kokoro import Kokoro
from engine.packs import Packs
from engine.text.alphabet import alphabet

PHONEMES = "wi ˈɔfən sˈɔ hɪm baɪ ðə wˈɪndoʊ, ɹˈiːdɪŋ ɐbˌaʊt ʃˈɪps ænd ðə jˈʌŋ kˈɪŋ."


def convolution(
    *, outputs: int = 40, channels: int = 7, taps: int = 3, zero: int = 117, **attributes: Any
) -> onnx.ModelProto:
    """One `ConvInteger` whose `bytes` (1, channels, time) and `zero` go in.

    The weights lie near the middle: their products are exact on every processor.
    """
    weights = np.random.default_rng(taps).integers(100, 157, (outputs, channels, taps), dtype=np.uint8)
    given = {"kernel_shape": [taps], "pads": [0, 0], **attributes}
    graph = helper.make_graph(
        [
            helper.make_node(
                "ConvInteger", ["bytes", "weights", "zero", "weights_zero"], ["sums"], "it", **given
            )
        ],
        "one",
        [
            helper.make_tensor_value_info("bytes", TensorProto.UINT8, [1, None, None]),
            helper.make_tensor_value_info("zero", TensorProto.UINT8, []),
        ],
        [helper.make_tensor_value_info("sums", TensorProto.INT32, [1, None, None])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array(zero, np.uint8), "weights_zero"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def sums(model: onnx.ModelProto, channels: int = 7, time: int = 50) -> Any:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = np.random.default_rng(1).integers(0, 256, (1, channels, time), dtype=np.uint8)
    return session.run(None, {"bytes": given, "zero": np.array(131, np.uint8)})[0]


def kinds(model: onnx.ModelProto) -> set[str]:
    return {node.op_type for node in model.graph.node}


@pytest.mark.parametrize(
    "form",
    [
        {"taps": 1},
        {"taps": 3, "pads": [1, 1]},
        {"taps": 11, "dilations": [5], "pads": [25, 25]},
        {"taps": 5, "pads": [4, 0], "zero": 0},
        {"taps": 2, "zero": 255, "outputs": 33},
    ],
    ids=["one-tap", "padded", "dilated", "padded-before", "even"],
)
def test_a_product_gives_the_sums_of_the_convolution(form: dict[str, Any]) -> None:
    product = rewritten(convolution(**form))
    onnx.checker.check_model(product)
    assert "ConvInteger" not in kinds(product)
    assert np.array_equal(sums(product), sums(convolution(**form)))


@pytest.mark.parametrize(
    "form",
    [{"strides": [2]}, {"outputs": 8}, {"group": 2, "outputs": 40, "channels": 7}],
    ids=["strided", "narrow", "grouped"],
)
def test_what_has_no_such_form_is_left_alone(form: dict[str, Any]) -> None:
    left = rewritten(convolution(**form))
    assert left.SerializeToString() == convolution(**form).SerializeToString()


def test_the_samples_are_those_of_the_published_model(models_folder: Path) -> None:
    ours = Kokoro(models_folder, threads=1).say(PHONEMES, Packs(models_folder)["af_heart"], 1.1)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    published = onnxruntime.InferenceSession(
        models_folder / MODEL.file, options, providers=["CPUExecutionProvider"]
    )
    tokens = [alphabet()[symbol] for symbol in PHONEMES]
    feed = {
        "tokens": np.array([[0, *tokens, 0]], np.int64),
        "style": Packs(models_folder)["af_heart"][len(tokens) - 1 : len(tokens)],
        "speed": np.array([1.1], np.float32),
    }
    assert np.array_equal(ours, np.ravel(published.run(["audio"], feed)[0]))


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small model on a processor that multiplies exactly."""
    monkeypatch.setattr(convolutions, "multiplies_exactly", lambda: True)
    path = tmp_path / "small.onnx"
    path.write_bytes(convolution(taps=3).SerializeToString())
    return path


def test_the_rewritten_model_is_kept(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = kokoro_graph.soonest(published)
    monkeypatch.setattr(convolutions, "rewritten", None)
    assert kokoro_graph.soonest(published) == first
    assert kinds(onnx.load_from_string(first)) & {"ConvInteger", "MatMulInteger"} == {"MatMulInteger"}


@pytest.mark.parametrize("damage", [b"", b"something else"])
def test_a_damaged_one_and_other_forms_make_room(published: Path, damage: bytes) -> None:
    first = kokoro_graph.soonest(published)
    (kept,) = published.parent.glob("small.*.onnx")
    kept.write_bytes(damage)
    shutil.copy(published, published.parent / "small.products-0.0123.onnx")
    assert kokoro_graph.soonest(published) == first
    assert list(published.parent.glob("small.*.onnx")) == [kept]
    assert kept.read_bytes() == first


@pytest.mark.parametrize("obstacle", [".small.lock", ".small.part"])
def test_without_a_place_to_keep_it_the_model_is_rewritten_all_the_same(
    published: Path, obstacle: str
) -> None:
    (published.parent / obstacle).mkdir()
    assert "MatMulInteger" in kinds(onnx.load_from_string(kokoro_graph.soonest(published)))
    assert list(published.parent.glob("small.*.onnx")) == []


def test_processes_that_start_together_keep_one(published: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = {
            future.result() for future in [pool.submit(kokoro_graph.soonest, published) for _ in range(4)]
        }
    assert len(made) == len(list(published.parent.glob("small.*.onnx"))) == 1
    assert not list(published.parent.glob(".*.part"))


def test_where_products_are_not_exact_the_published_model_speaks(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convolutions, "multiplies_exactly", lambda: False)
    assert kokoro_graph.soonest(published) == published.read_bytes()
    assert [path.name for path in published.parent.iterdir()] == [published.name]

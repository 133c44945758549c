"""Convolutions over bytes as products of byte matrices: the same integers, several times sooner.

ONNX Runtime multiplies unsigned by signed bytes with the processor's own instructions for it, but computes
`ConvInteger` the slow way. Each such node with constant weights becomes a `MatMulInteger` over gathered
windows, which gives the same integers; everything around it stays, and so does every sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

Weights = NDArray[np.int8]

_FEWEST_CHANNELS = 32
"""Fewer outputs than this are not worth the gathering."""


def rewritten(model: ModelProto) -> ModelProto:
    """`model` with every convolution over bytes that is worth it as a product; `model` itself is used up."""
    graph = model.graph
    constants = {tensor.name: tensor for tensor in graph.initializer}
    work = _Rewriting(constants)
    nodes = [new for node in graph.node for new in work.replaced(node)]
    used = {name for node in nodes for name in node.input}
    tensors = [tensor for name, tensor in (constants | work.made).items() if name in used]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)
    graph.initializer.extend(tensors)
    return model


@cache
def multiplies_exactly() -> bool:
    """Whether this processor adds up products of unsigned and signed bytes without losing any.

    Without instructions made for it, two large products are added in 16 bits and cut off.
    """
    depth, largest = 64, (255, 127)
    weights = numpy_helper.from_array(np.full((depth, 32), largest[1], np.int8), "weights")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["bytes", "weights"], ["sums"])],
        "extremes",
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, [None, depth])],
        [helper.make_tensor_value_info("sums", TensorProto.INT32, None)],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (sums,) = session.run(None, {"bytes": np.full((40, depth), largest[0], np.uint8)})
    return bool(np.all(np.asarray(sums) == depth * largest[0] * largest[1]))


@dataclass
class _Rewriting:
    """`made` holds the new constants by name; equal ones are one."""

    constants: dict[str, TensorProto]
    made: dict[str, TensorProto] = field(default_factory=dict)

    def replaced(self, node: NodeProto) -> Iterable[NodeProto]:
        if node.op_type != "ConvInteger":
            return [node]
        form = _Form.of(node, self.constants)
        return [node] if form is None else self._product(node, form)

    def _product(self, node: NodeProto, form: _Form) -> Iterator[NodeProto]:
        """Bytes (1, channels, time) to sums (1, outputs, time), by way of (1, time, channels)."""
        bytes_in, _, bytes_zero, _ = node.input
        at = node.name
        yield helper.make_node("Transpose", [bytes_in], [f"{at}/by_time"], perm=[0, 2, 1])
        rows = f"{at}/by_time"
        if form.taps > 1:
            yield from self._windows(at, bytes_zero, form)
            rows = f"{at}/windows"
        weights = self._constant(f"{at}/weights", form.matrix)
        zero = self._constant(f"zero/{form.zero}", np.array(form.zero, np.int8))
        yield helper.make_node("MatMulInteger", [rows, weights, bytes_zero, zero], [f"{at}/sums"])
        yield helper.make_node("Transpose", [f"{at}/sums"], [node.output[0]], perm=[0, 2, 1])

    def _windows(self, at: str, padding: str, form: _Form) -> Iterator[NodeProto]:
        """(1, time, channels) to (1, time, taps * channels): at each moment what its taps see."""
        before, after = form.pads
        reach = form.dilation * (form.taps - 1)
        pads = self._constant(f"pads/{before}/{after}", np.array([0, before, 0, 0, after, 0]))
        offsets = self._constant(f"taps/{form.taps}/{form.dilation}", np.arange(form.taps) * form.dilation)
        width = self._constant(f"width/{len(form.matrix)}", np.array([1, -1, len(form.matrix)]))
        zero, one = self._constant("number/0", np.array(0)), self._constant("number/1", np.array(1))
        axis = self._constant("axis/1", np.array([1]))
        yield helper.make_node("Pad", [f"{at}/by_time", pads, padding], [f"{at}/padded"])
        yield helper.make_node("Shape", [f"{at}/padded"], [f"{at}/length"], start=1, end=2)
        less = self._constant(f"reach/{reach}", np.array([reach]))
        yield helper.make_node("Sub", [f"{at}/length", less], [f"{at}/moments_1"])
        yield helper.make_node("Squeeze", [f"{at}/moments_1"], [f"{at}/moments"])
        yield helper.make_node("Range", [zero, f"{at}/moments", one], [f"{at}/starts_row"])
        yield helper.make_node("Unsqueeze", [f"{at}/starts_row", axis], [f"{at}/starts"])
        yield helper.make_node("Add", [f"{at}/starts", offsets], [f"{at}/places"])
        yield helper.make_node("Gather", [f"{at}/padded", f"{at}/places"], [f"{at}/seen"], axis=1)
        yield helper.make_node("Reshape", [f"{at}/seen", width], [f"{at}/windows"])

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        if name not in self.made:
            self.made[name] = numpy_helper.from_array(value, name)
        return name


@dataclass(frozen=True, slots=True)
class _Form:
    """A convolution over one dimension: `matrix` (taps * channels, outputs), around `zero`."""

    matrix: Weights
    zero: int
    taps: int
    dilation: int
    pads: tuple[int, int]

    @classmethod
    def of(cls, node: NodeProto, constants: dict[str, TensorProto]) -> _Form | None:
        """None when it is better left alone, or has no simple form."""
        known = [constants.get(name) for name in node.input]
        if len(known) != 4 or known[1] is None or known[3] is None:
            return None
        weights, zero = numpy_helper.to_array(known[1]), numpy_helper.to_array(known[3])
        given = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        plain = given.get("group", 1) == 1 and set(given.get("strides", [1])) == {1} and "pads" in given
        if not plain or weights.dtype != np.uint8 or weights.ndim != 3 or zero.size != 1:
            return None
        outputs, channels, taps = weights.shape
        if outputs < _FEWEST_CHANNELS:
            return None
        signed = (weights.astype(np.int16) - 128).astype(np.int8)
        matrix = signed.transpose(2, 1, 0).reshape(taps * channels, outputs)
        dilation = given.get("dilations", [1])[0]
        return cls(matrix, int(zero.reshape(())) - 128, taps, dilation, tuple(given["pads"]))

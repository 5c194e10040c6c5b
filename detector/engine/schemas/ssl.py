"""`ssl:SOURCE[@LAYER]`: a pretrained speech encoder from outside, pooled over each window.

SOURCE is an ONNX file, a folder with a ``model.onnx``, a folder that transformers can load, or a
model's id on the Hugging Face hub (``facebook/wav2vec2-xls-r-300m``). LAYER counts the hidden
states of a transformers model (0 is what enters the first block; the last by default) or the
outputs of an ONNX file (the first by default).

An encoder turns a window into frames of `width` values; the columns are their mean and their
standard deviation over time. Column names begin with a fingerprint of the weights, so a detector
never reads columns of an encoder other than the one it learned on, even under the same name.

References
----------
Tak, H. et al. (2022). Automatic speaker verification spoofing and deepfake detection using wav2vec
2.0 and data augmentation. Odyssey.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.engine.schemas.schema import Schema, SchemaError, Windows
from detector.engine.types import SAMPLE_RATE

Array = NDArray[Any]

PREFIX = "ssl:"
SHORTEST = 4096
"""A shorter window is padded with zeros to this length: encoders need a few frames."""
FRAME = 320
"""Samples that one frame of a Whisper encoder stands for."""

_ONNX_FILE = "model.onnx"
_INSTALL = "uv sync --inexact --extra ssl"
_HUB_FILES = ["*.json", "*.safetensors", "*.bin"]
_WEIGHTS = (".onnx", ".onnx_data", ".safetensors", ".bin")


@dataclass(frozen=True, slots=True)
class _Encoder:
    """`encode` turns a window, shape (samples,), into frames, shape (frames, width)."""

    encode: Callable[[Array], Array]
    fingerprint: str


@lru_cache(maxsize=4)
def schema(name: str) -> Schema:
    """Load the encoder that a name stands for; once a process.

    Raises
    ------
    SchemaError
        The extra is not installed, or there is no such encoder or layer; in words.
    """
    source, layer = _parse(name)
    path = Path(source)
    if path.is_file():
        encoder = _onnx(path, layer)
    elif (path / _ONNX_FILE).is_file():
        encoder = _onnx(path / _ONNX_FILE, layer)
    else:
        encoder = _transformers(source, layer)
    width = encoder.encode(np.zeros(SHORTEST, dtype=np.float32)).shape[-1]
    return Schema(
        name=name,
        columns=tuple(
            f"{encoder.fingerprint}_{what}_{i}" for what in ("mean", "std") for i in range(width)
        ),
        families={"encoder_mean": slice(0, width), "encoder_std": slice(width, 2 * width)},
        function=partial(_compute, encoder.encode),
    )


def _parse(name: str) -> tuple[str, int | None]:
    source, at, layer = name.removeprefix(PREFIX).partition("@")
    if not source or (at and not layer.isdecimal()):
        raise SchemaError(f"{name} is not of the form ssl:MODEL or ssl:MODEL@LAYER")
    return source, int(layer) if at else None


def _compute(encode: Callable[[Array], Array], samples: Array, windows: Windows) -> Array:
    """Encode each window by itself: what lies around it is not heard."""
    rows = []
    for start, stop in windows:
        window = samples[start:stop]
        frames = encode(np.pad(window, (0, max(0, SHORTEST - window.size))))
        rows.append(np.concatenate((frames.mean(axis=0), frames.std(axis=0))))
    return np.stack(rows).astype(np.float32)


def _onnx(path: Path, layer: int | None) -> _Encoder:
    """Load an ONNX file: one input of shape (1, samples), outputs of (1, frames, width)."""
    try:
        import onnxruntime
    except ImportError as error:
        raise SchemaError(f"an ONNX encoder needs onnxruntime: {_INSTALL}") from error
    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors have no common class
        raise SchemaError(f"{path} is not an ONNX model that can be run: {error}") from error
    inputs, outputs = session.get_inputs(), session.get_outputs()
    number = layer or 0
    if len(inputs) != 1 or number >= len(outputs):
        raise SchemaError(f"{path} has {len(inputs)} inputs and {len(outputs)} outputs")
    standardise = _wants_standardised(path.parent)

    def encode(window: Array) -> Array:
        if standardise:
            window = (window - window.mean()) / np.sqrt(window.var() + np.float32(1e-7))
        frames = session.run([outputs[number].name], {inputs[0].name: window[None]})[0]
        return np.asarray(frames[0])

    # Weights too large for the file itself lie beside it.
    return _Encoder(encode, _fingerprint([path, *path.parent.glob("*.onnx_data")]))


def _wants_standardised(folder: Path) -> bool:
    """Whether the encoder was trained on windows of mean 0 and variance 1, as its folder says."""
    config = folder / "preprocessor_config.json"
    return config.is_file() and bool(json.loads(config.read_text()).get("do_normalize"))


def _transformers(source: str, layer: int | None) -> _Encoder:
    """Load a folder or a hub id: wav2vec 2.0, HuBERT, WavLM, XLS-R, or Whisper's encoder."""
    try:
        import torch
        from huggingface_hub import snapshot_download
        from transformers import AutoFeatureExtractor, AutoModel
    except ImportError as error:
        raise SchemaError(
            f"{source} is no ONNX file, and other encoders need torch and transformers: {_INSTALL}"
        ) from error
    try:
        folder = Path(source)
        if not folder.is_dir():
            folder = Path(snapshot_download(source, allow_patterns=_HUB_FILES))
        extractor = AutoFeatureExtractor.from_pretrained(folder)
        model = AutoModel.from_pretrained(folder).eval()
    except Exception as error:  # of any of three libraries, or of the network
        raise SchemaError(f"the encoder {source} cannot be loaded: {error}") from error
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    depth = model.config.num_hidden_layers
    number = depth if layer is None else layer
    if number > depth:
        raise SchemaError(f"{source} has the layers 0 to {depth}, not {number}")

    def encode(window: Array) -> Array:
        inputs = extractor(window, sampling_rate=SAMPLE_RATE, return_tensors="pt")
        values = inputs[extractor.model_input_names[0]]
        with torch.inference_mode():
            states = model(values, output_hidden_states=True).hidden_states[number][0]
        if extractor.model_input_names[0] == "input_features":
            # Whisper pads what it hears to 30 s; only the window's own frames count.
            states = states[: -(-window.size // FRAME)]
        return np.asarray(states.numpy())

    weights = [path for path in sorted(folder.iterdir()) if path.suffix in _WEIGHTS]
    return _Encoder(encode, _fingerprint([*weights, folder / "config.json"]))


def _fingerprint(paths: Iterable[Path]) -> str:
    """Ten hex digits of the SHA-256 of the files' contents."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:10]

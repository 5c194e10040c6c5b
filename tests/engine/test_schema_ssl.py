"""`ssl:`: what an encoder from outside promises once it is a feature schema."""

import json
from importlib.util import find_spec

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from detector.engine import schemas
from tests.engine import signals

WIDTH, KERNEL, STRIDE = 6, 400, 320


def write_encoder(path, seed=0):
    """One random convolution over the waveform (output 0), and its tanh (output 1)."""
    draw = np.random.default_rng(seed)
    weights = draw.normal(size=(WIDTH, 1, KERNEL)).astype(np.float32) / 20
    nodes = [
        helper.make_node("Unsqueeze", ["wave", "axis"], ["channel"]),
        helper.make_node("Conv", ["channel", "weights"], ["frames"], strides=[STRIDE]),
        helper.make_node("Transpose", ["frames"], ["low"], perm=[0, 2, 1]),
        helper.make_node("Tanh", ["low"], ["high"]),
    ]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info("wave", TensorProto.FLOAT, [1, "samples"])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "frames", WIDTH])
            for name in ("low", "high")
        ],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"),
        ],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)
    return weights[:, 0]


@pytest.fixture
def encoder(tmp_path):
    path = tmp_path / "encoder.onnx"
    return path, write_encoder(path)


@pytest.fixture(autouse=True)
def _forget_encoders():
    """An encoder is loaded once a process; each test writes its own."""
    from detector.engine.schemas import ssl

    ssl.schema.cache_clear()


def columns_of(schema, samples):
    return schema.compute(samples, [(0, samples.size)])[0]


def test_columns_are_mean_and_spread_of_what_the_encoder_says(encoder):
    path, weights = encoder
    samples = signals.clip("fake-hibari.flac")[:48_000]
    frames = np.lib.stride_tricks.sliding_window_view(samples, KERNEL)[::STRIDE] @ weights.T
    expected = np.concatenate((frames.mean(axis=0), frames.std(axis=0)))
    np.testing.assert_allclose(
        columns_of(schemas.get(f"ssl:{path}"), samples), expected, rtol=1e-3, atol=1e-5
    )


def test_the_layer_chooses_the_output(encoder):
    path, weights = encoder
    samples = signals.clip("fake-hibari.flac")[:48_000]
    frames = np.lib.stride_tricks.sliding_window_view(samples, KERNEL)[::STRIDE] @ weights.T
    high = columns_of(schemas.get(f"ssl:{path}@1"), samples)
    np.testing.assert_allclose(high[:WIDTH], np.tanh(frames).mean(axis=0), rtol=1e-3, atol=1e-5)
    with pytest.raises(schemas.SchemaError, match="2 outputs"):
        schemas.get(f"ssl:{path}@2")


def test_windows_stand_alone_and_every_signal_has_finite_columns(encoder):
    schema = schemas.get(f"ssl:{encoder[0]}")
    assert len(set(schema.columns)) == len(schema.columns) == 2 * WIDTH
    samples = signals.clip("real-librivox.flac")
    windows = [(0, 48_000), (16_000, 64_000), (100, 900)]
    alone = [columns_of(schema, samples[slice(*window)]) for window in windows]
    np.testing.assert_allclose(schema.compute(samples, windows), alone, rtol=1e-5, atol=1e-6)
    for odd in signals.ODD.values():
        assert np.isfinite(columns_of(schema, odd)).all()


def test_a_folder_says_whether_its_encoder_wants_standardised_windows(tmp_path):
    write_encoder(tmp_path / "model.onnx")
    samples = signals.clip("real-librivox.flac")[:48_000]
    name = f"ssl:{tmp_path}"
    as_it_is = columns_of(schemas.get(name), samples)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps({"do_normalize": True}))
    from detector.engine.schemas import ssl

    ssl.schema.cache_clear()
    standardised = [columns_of(schemas.get(name), gain * samples) for gain in (1.0, 0.1)]
    np.testing.assert_allclose(*standardised, rtol=1e-2, atol=1e-3)
    assert not np.allclose(standardised[0], as_it_is, rtol=0.1)


def test_other_weights_under_the_same_name_are_other_columns(tmp_path):
    from detector.engine.schemas import ssl

    path = tmp_path / "encoder.onnx"
    names = []
    for seed in (1, 2, 1):
        write_encoder(path, seed)
        ssl.schema.cache_clear()
        names.append(schemas.get(f"ssl:{path}").columns)
    assert names[0] == names[2] != names[1]


@pytest.mark.parametrize("name", ["ssl:", "ssl:@3", "ssl:folder@last", "ssl:folder@-1"])
def test_a_name_that_means_nothing_is_refused(name):
    with pytest.raises(schemas.SchemaError, match="form ssl:MODEL"):
        schemas.get(name)


def test_a_file_that_is_no_encoder_is_refused_in_words(tmp_path):
    path = tmp_path / "encoder.onnx"
    path.write_text("nothing")
    with pytest.raises(schemas.SchemaError, match="not an ONNX model"):
        schemas.get(f"ssl:{path}")


@pytest.mark.skipif(find_spec("transformers") is not None, reason="the extra ssl is installed")
def test_without_the_extra_it_says_what_to_install(tmp_path):
    with pytest.raises(schemas.SchemaError, match="--extra ssl"):
        schemas.get(f"ssl:{tmp_path}")


TINY = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "conv_dim": (8, 8),
    "conv_kernel": (10, 8),
    "conv_stride": (20, 16),
    "num_feat_extract_layers": 2,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
}


def save_random_encoder(kind, folder):
    """A randomly initialised model of the kind, saved as its users find it."""
    import torch
    import transformers

    torch.manual_seed(1)
    if kind == "Whisper":
        config = transformers.WhisperConfig(
            d_model=16,
            encoder_layers=2,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_ffn_dim=16,
        )
        extractor = transformers.WhisperFeatureExtractor()
    else:
        config = getattr(transformers, f"{kind}Config")(**TINY)
        extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=True)
    getattr(transformers, f"{kind}Model")(config).save_pretrained(folder)
    extractor.save_pretrained(folder)


@pytest.mark.parametrize("kind", ["Wav2Vec2", "Hubert", "WavLM", "Whisper"])
def test_an_encoder_of_transformers_is_a_schema_like_any_other(kind, tmp_path):
    pytest.importorskip(
        "transformers", reason="the extra ssl is not installed: uv sync --inexact --extra ssl"
    )
    save_random_encoder(kind, tmp_path)
    last, first = (schemas.get(f"ssl:{tmp_path}{layer}") for layer in ("", "@1"))
    samples = signals.clip("real-librivox.flac")
    windows = [(0, 48_000), (16_000, 40_000), (100, 900)]
    rows = last.compute(samples, windows)
    assert rows.shape == (3, 32)
    assert np.isfinite(rows).all()
    alone = [columns_of(last, samples[slice(*window)]) for window in windows]
    np.testing.assert_allclose(rows, alone, rtol=1e-4, atol=1e-5)
    assert not np.allclose(rows, first.compute(samples, windows))
    # What is heard counts, also where Whisper pads a window to 30 s of its own silence.
    assert not np.allclose(rows[0], columns_of(last, signals.silence(3.0)), atol=1e-3)
    with pytest.raises(schemas.SchemaError, match="layers 0 to 2"):
        schemas.get(f"ssl:{tmp_path}@3")

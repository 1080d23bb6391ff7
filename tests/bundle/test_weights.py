from __future__ import annotations

import contextlib
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load
from toy_bundle import toy_network, toy_weights

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.schema import weight_shapes
from chatbot.bundle.weights import weights_from_bytes, weights_to_bytes
from chatbot.errors import BundleError

NETWORK = toy_network()
WEIGHTS = toy_weights(NETWORK)
CONTENT = {dtype: weights_to_bytes(WEIGHTS, NETWORK, dtype) for dtype in ("float32", "float16", "int8")}


def read(content: bytes, dtype: str = "int8") -> dict[str, np.ndarray]:
    return weights_from_bytes(content, NETWORK, dtype, "weights.safetensors")


def refused(content: bytes, dtype: str = "int8") -> str:
    with pytest.raises(BundleError) as raised:
        read(content, dtype)
    line = str(raised.value)
    assert line.startswith("weights.safetensors: ")
    assert line.isprintable()
    assert len(line) < 300
    return line


def with_header(header: Any, content: bytes = CONTENT["int8"]) -> bytes:
    """The file with another header; `header` changes the parsed one in place and may return a new one."""
    length = int.from_bytes(content[:8], "little")
    parsed = json.loads(content[8 : 8 + length])
    parsed = header(parsed) or parsed
    written = json.dumps(parsed).encode()
    return len(written).to_bytes(8, "little") + written + content[8 + length :]


@pytest.mark.parametrize("dtype", CONTENT)
def test_weights_come_back_as_stored(dtype: str) -> None:
    expected, found = as_stored(WEIGHTS, dtype), read(CONTENT[dtype], dtype)
    assert list(found) == list(expected)
    for name, array in found.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, expected[name]), name


def test_the_library_reads_the_same_file() -> None:
    arrays = load(CONTENT["int8"])
    assert arrays["embedding"].dtype == np.int8
    assert arrays["embedding.scale"].shape == (NETWORK.vocabulary_size,)
    assert np.array_equal(arrays["output.bias"], WEIGHTS["output.bias"])


def test_int8_is_about_a_quarter() -> None:
    assert len(CONTENT["int8"]) < 0.35 * len(CONTENT["float32"])


@pytest.mark.parametrize("dtype", CONTENT)
def test_every_truncation_and_extension_is_found(dtype: str) -> None:
    content = CONTENT[dtype]
    header = int.from_bytes(content[:8], "little") + 8
    for end in [*range(0, 20), header - 1, header, header + 1, len(content) // 2, len(content) - 1]:
        assert refused(content[:end], dtype)
    assert "must hold" in refused(content + b"\0", dtype)


@given(st.integers(0, len(CONTENT["int8"]) * 8 - 1))
def test_a_flipped_bit_is_found_or_harmless(place: int) -> None:
    content = bytearray(CONTENT["int8"])
    content[place // 8] ^= 1 << place % 8
    with contextlib.suppress(BundleError):
        found = read(bytes(content))
        assert all(np.isfinite(array).all() for array in found.values())


@given(st.integers(8, int.from_bytes(CONTENT["int8"][:8], "little") + 7), st.binary(min_size=1, max_size=8))
def test_a_header_written_over_is_found_or_harmless(place: int, written: bytes) -> None:
    content = CONTENT["int8"][:place] + written + CONTENT["int8"][place + len(written) :]
    with contextlib.suppress(BundleError):
        found = read(content)
        assert all(found[name].shape == array.shape for name, array in WEIGHTS.items())


def test_a_shape_bomb_is_refused_before_memory_is_taken() -> None:
    def bomb(header: dict[str, Any]) -> None:
        header["embedding"] = {"dtype": "I8", "shape": [10**9, 10**9], "data_offsets": [0, 10**18 - 1]}

    content = with_header(bomb)
    tracemalloc.start()
    assert "embedding: must have shape [86, 32], but has [1000000000, 1000000000]" in refused(content)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_a_header_longer_than_the_file_is_refused() -> None:
    assert "truncated or no safetensors file" in refused((2**63).to_bytes(8, "little") + CONTENT["int8"][8:])


@pytest.mark.parametrize(
    ("name", "entry", "line"),
    [
        ("embedding", None, "the tensor 'embedding' is missing"),
        ("embedding", {"dtype": "F32"}, "embedding: must be I8, but is 'F32'"),
        ("embedding", {"dtype": ["I8"]}, "embedding: must be I8"),
        ("embedding", {"shape": [32, 86]}, "embedding: must have shape [86, 32], but has [32, 86]"),
        ("embedding", {"shape": [86.0, 32.0]}, "embedding: must have shape"),
        ("embedding", {"shape": "86"}, "embedding: must have shape"),
        ("output.bias", {"shape": [True] * 86}, "output.bias: must have shape"),
        ("embedding", {"data_offsets": [0]}, "embedding: must span 2752 bytes"),
        ("embedding", {"data_offsets": [-2752, 0]}, "embedding: must span 2752 bytes"),
        ("embedding", {"data_offsets": [10**17, 10**17 + 2752]}, "must begin at byte"),
        ("embedding", {"more": 1}, "embedding: must have dtype, shape and data_offsets"),
        ("extra\x1b[31m", {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}, "holds a tensor 'extra\\x1b[31m'"),
    ],
)
def test_a_wrong_header_gets_one_line(name: str, entry: dict[str, Any] | None, line: str) -> None:
    def change(header: dict[str, Any]) -> None:
        if entry is None:
            del header[name]
        else:
            header[name] = {**header.get(name, {}), **entry}

    assert line in refused(with_header(change))


def test_overlapping_tensors_are_refused() -> None:
    def overlap(header: dict[str, Any]) -> None:
        other = header["encoder.0.backward.bias"]["data_offsets"]
        header["encoder.0.forward.bias"]["data_offsets"] = other

    assert "must begin at byte" in refused(with_header(overlap))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e5, -1e5])
@pytest.mark.parametrize("name", ["output.bias", "embedding", "embedding.scale"])
def test_numbers_out_of_range_are_refused(value: float, name: str) -> None:
    dtype = "int8" if name.endswith("scale") else "float32"
    length = int.from_bytes(CONTENT[dtype][:8], "little")
    begin = json.loads(CONTENT[dtype][8 : 8 + length])[name]["data_offsets"][0]
    content = bytearray(CONTENT[dtype])
    content[8 + length + begin : 12 + length + begin] = np.float32(value).tobytes()
    assert f"{name}: holds a number that is not finite or beyond 10,000" in refused(bytes(content), dtype)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"output.bias": None}, "missing or unknown: output.bias"),
        ({"more": np.zeros(3, np.float32)}, "missing or unknown: more"),
        ({"output.bias": np.zeros(3, np.float32)}, "output.bias must have shape [86], but has [3]"),
        ({"output.bias": np.full(86, np.nan, np.float32)}, "output.bias: holds a number that is not finite"),
    ],
)
def test_wrong_weights_are_not_written(change: dict[str, Any], line: str) -> None:
    weights = {name: array for name, array in {**WEIGHTS, **change}.items() if array is not None}
    with pytest.raises(BundleError, match="weights: ") as raised:
        weights_to_bytes(weights, NETWORK, "float16")
    assert line in str(raised.value)


@pytest.mark.parametrize("attention", ["dot", "general", "additive"])
@pytest.mark.parametrize("tied", [True, False])
def test_every_architecture_round_trips(attention: str, tied: bool) -> None:
    network = NetworkSettings(7, 8, 4, 2, 8, 2, attention, 6, tied)
    weights = toy_weights(network)
    found = weights_from_bytes(weights_to_bytes(weights, network, "float32"), network, "float32", "x")
    assert all(np.array_equal(found[name], weights[name]) for name in weights)
    assert ("output.kernel" in found) is not tied


def test_input_feeding_doubles_what_the_first_decoder_layer_reads() -> None:
    plain, fed = (weight_shapes(NetworkSettings(7, 8, 4, 2, 10, 2, input_feeding=given)) for given in (False, True))
    assert (plain["decoder.0.kernel"], fed["decoder.0.kernel"]) == ((8, 40), (16, 40))
    assert {**plain, "decoder.0.kernel": (16, 40)} == fed

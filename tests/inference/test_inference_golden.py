from __future__ import annotations

import dataclasses
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from toy_bundle import save_toy, toy_config, toy_network, toy_weights

from chatbot.bundle.config import Golden
from chatbot.bundle.loading import load_bundle
from chatbot.errors import BundleError
from chatbot.inference.golden import CLEAR_MARGIN, check_golden, likeliest_ids, make_golden
from chatbot.inference.loading import check
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.text.special import EOS_ID

NETWORK = toy_network()
WEIGHTS = toy_weights(NETWORK)
STEPPER = Seq2SeqStepper(WEIGHTS, NETWORK)
SOURCES = [[4, 9, 10], [5, 20, 21, 22], [4, 30]]


@pytest.mark.parametrize("fed", [False, True])
def test_what_was_made_is_answered(fed: bool) -> None:
    network = toy_network(input_feeding=fed)
    stepper = Seq2SeqStepper(toy_weights(network), network)
    golden = make_golden(stepper, SOURCES, [6, 6, 6])
    assert [one.source_ids for one in golden] == [tuple(source) for source in SOURCES]
    check_golden(stepper, toy_config(golden=golden))
    check_golden(stepper, toy_config(golden=()))


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_with_input_feeding_a_narrower_bundle_answers_what_it_answered(dtype: str, tmp_path: Path) -> None:
    save_toy(tmp_path / "fed", dtype, network=toy_network(input_feeding=True, decoder_layers=2))
    bundle = load_bundle(tmp_path / "fed")
    assert bundle.config.golden
    check(bundle.weights, bundle.config, bundle.tokenizer)


def test_a_network_of_another_gate_order_is_found_out() -> None:
    def swapped(array: np.ndarray) -> np.ndarray:
        forget, given = np.split(array, 4, axis=-1)[:2]
        return np.concatenate([given, forget, *np.split(array, 4, axis=-1)[2:]], axis=-1)

    other = {name: swapped(a) if name.startswith("decoder.") else a for name, a in WEIGHTS.items()}
    with pytest.raises(
        BundleError, match=r"'toy' no longer answers its golden prompt \d as it did .* \(token \d\): it is damaged"
    ) as raised:
        check_golden(Seq2SeqStepper(other, NETWORK), toy_config(golden=make_golden(STEPPER, SOURCES, [6, 6, 6])))
    assert "\n" not in str(raised.value)


def test_one_wrong_id_is_found_out() -> None:
    good = make_golden(STEPPER, SOURCES[:1], [6])[0]
    ids = (*good.reply_ids[:-1], (good.reply_ids[-1] + 1) % NETWORK.vocabulary_size)
    with pytest.raises(BundleError):
        check_golden(STEPPER, toy_config(golden=(dataclasses.replace(good, reply_ids=ids),)))


@pytest.mark.parametrize(("bias", "right"), [(0.009, True), (0.011, False), (np.nan, False)])
def test_rounding_is_no_damage_but_more_is(bias: float, right: bool) -> None:
    weights = {name: np.zeros_like(array) for name, array in WEIGHTS.items()}
    weights["output.bias"][9] = bias
    config = toy_config(golden=(Golden((4, 30), (9,)), Golden((4,), (9, 7))))
    with nullcontext() if right else pytest.raises(BundleError, match=r"golden prompt [12] .*token [12]"):
        check_golden(Seq2SeqStepper(weights, NETWORK), config)


def test_a_reply_longer_than_promised_is_cut_and_one_that_ends_early_differs() -> None:
    weights = {**WEIGHTS, "output.bias": WEIGHTS["output.bias"].copy()}
    weights["output.bias"][EOS_ID] = 1000
    ends = Seq2SeqStepper(weights, NETWORK)
    assert likeliest_ids(ends, SOURCES[:1], [5])[0][0] == [EOS_ID]
    assert make_golden(ends, SOURCES, [5, 5, 5]) == ()
    check_golden(ends, toy_config(golden=(Golden((4, 9), (EOS_ID,)),)))
    with pytest.raises(BundleError):
        check_golden(ends, toy_config(golden=(Golden((4, 9), (7, 8)),)))


def test_ids_that_are_in_doubt_are_left_out() -> None:
    weights = {name: np.zeros_like(array) for name, array in WEIGHTS.items()}
    assert make_golden(Seq2SeqStepper(weights, NETWORK), SOURCES, [5, 5, 5]) == ()
    weights["output.bias"] = np.linspace(0, CLEAR_MARGIN * 300, NETWORK.vocabulary_size, dtype=np.float32)
    made = make_golden(Seq2SeqStepper(weights, NETWORK), SOURCES, [5, 3, 1])
    assert [one.reply_ids for one in made] == [(85,) * 5, (85,) * 3, (85,)]

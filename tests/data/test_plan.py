"""Which examples make a batch: each once, within the budget, and little of it padding."""

from __future__ import annotations

import numpy as np
import pytest

from chatbot.data.plan import in_order, shuffled

BUDGET = 2500


def lengths() -> np.ndarray:
    generator = np.random.default_rng(7)
    sources, targets = (generator.gamma(2.0, scale, 20_000) for scale in (12.0, 6.0))
    return np.stack([np.clip(sources, 1, 60), np.clip(targets, 1, 60)], axis=1).astype(np.int32)


@pytest.mark.parametrize("how", ["shuffled", "in order"])
def test_every_example_is_in_one_batch_of_little_padding(how: str) -> None:
    sizes = lengths()
    plan = in_order(sizes, BUDGET) if how == "in order" else shuffled(sizes, BUDGET, np.random.default_rng(0))
    assert sorted(np.concatenate(plan).tolist()) == list(range(len(sizes)))
    padded = np.array([len(members) * sizes[members].max(axis=0) for members in plan])  # [batches, parts]
    assert padded.sum(axis=1).max() <= BUDGET
    source, target = sizes.sum(axis=0) / padded.sum(axis=0)
    assert source > 0.85
    assert target > 0.97


def test_two_epochs_make_other_batches_in_another_order() -> None:
    sizes = lengths()
    first, second = (shuffled(sizes, BUDGET, np.random.default_rng(seed)) for seed in (1, 2))
    together = [{frozenset(members.tolist()) for members in plan} for plan in (first, second)]
    assert len(together[0] & together[1]) < 0.05 * len(first)
    assert [len(members) for members in first[:50]] != [len(members) for members in second[:50]]

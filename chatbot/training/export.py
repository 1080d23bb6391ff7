"""Trained weights -> the run's bundle, with golden prompts answered by the graph that was trained."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.card import render_card
from chatbot.bundle.config import BundleConfig, NetworkSettings
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.saving import save_bundle
from chatbot.data.dataset import Dataset
from chatbot.training.probe import Probe
from chatbot.training.run import Run


def export(
    run: Run,
    dataset: Dataset,
    network: NetworkSettings,
    weights: dict[str, NDArray[np.float32]],
    probe: Probe,
    summary: dict[str, Any],
) -> str:
    """Write the bundle, whole or not at all; returns its fingerprint. Leaves `probe` filled with the stored weights."""
    dtype, tokenizer = run.recipe.training.weights, dataset.tokenizer()
    probe.load(as_stored(weights, dtype))
    config = BundleConfig(
        name=run.path.resolve().name,
        task="dialogue",
        network=network,
        context=run.recipe.context,
        tokenizer_kind=tokenizer.kind,
        tokenizer_file=tokenizer.file_name,
        weights_dtype=dtype,
        training=summary,
        decoding=run.recipe.decoding,
        golden=probe.golden(),
    )
    return save_bundle(run.bundle, config, weights, tokenizer, render_card(config))

"""Trained weights -> the run's bundle, with golden prompts answered by the graph that was trained."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chatbot.bundle.card import render_card
from chatbot.bundle.config import BundleConfig, Network
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.saving import save_bundle
from chatbot.data.dataset import Dataset
from chatbot.training.probe import Probe
from chatbot.training.run import Run
from chatbot.training.tagging import TagProbe

Gate = Callable[[Path], str | None]
"""Judges a bundle: why it must not be promoted, None where it may be."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """Writes the bundle of a run."""

    run: Run
    dataset: Dataset
    network: Network
    probe: Probe | TagProbe  # answers the golden prompts
    gate: Gate | None = None

    def export(self, weights: dict[str, NDArray[np.float32]], summary: dict[str, Any]) -> tuple[str, str]:
        """Write the bundle, whole or not at all; its fingerprint, and "", or what the gate has against it.

        What the gate refuses does not touch the bundle that is there. Leaves `probe` filled with the stored weights.
        """
        run, dtype = self.run, self.run.recipe.training.weights
        self.probe.load(as_stored(weights, dtype))
        config = _config(run, self.dataset, self.network, summary, name=run.path.resolve().name, weights_dtype=dtype)
        config = replace(config, golden=self.probe.golden())
        parts = (config, weights, self.dataset.tokenizer(), render_card(config))
        if self.gate:
            try:
                save_bundle(run.candidate, *parts)
                if refusal := self.gate(run.candidate):
                    return "", refusal
            finally:
                shutil.rmtree(run.candidate, ignore_errors=True)
        return save_bundle(run.bundle, *parts), ""


def keep_epoch(
    run: Run,
    dataset: Dataset,
    network: Network,
    weights: dict[str, NDArray[np.float32]],
    summary: dict[str, Any],
) -> None:
    """Write the model of the epoch that `summary` tells of, small, and remove those beyond `epoch_bundles`."""
    kept = run.recipe.training.epoch_bundles
    if not kept:
        return
    name = f"epoch-{summary['epochs']:05d}"
    config = _config(run, dataset, network, summary, name=name, weights_dtype="int8")
    save_bundle(run.epochs / name, config, weights, dataset.tokenizer(), render_card(config))
    for old in sorted(run.epochs.glob("epoch-*"))[:-kept]:
        shutil.rmtree(old, ignore_errors=True)


def _config(
    run: Run, dataset: Dataset, network: Network, summary: dict[str, Any], name: str, weights_dtype: str
) -> BundleConfig:
    tokenizer = dataset.tokenizer()
    return BundleConfig(
        name=name,
        task=dataset.task,
        network=network,
        context=run.recipe.context,
        tokenizer_kind=tokenizer.kind,
        tokenizer_file=tokenizer.file_name,
        weights_dtype=weights_dtype,
        training=summary,
        decoding=run.recipe.decoding,
        languages=tuple(dataset.info.get("languages", ())),
    )

"""Trained weights -> the run's bundle, with golden prompts answered by the graph that was trained."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chatbot.bundle.card import render_card
from chatbot.bundle.config import BundleConfig, Network
from chatbot.bundle.ngram import facts_of
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.saving import save_bundle
from chatbot.bundle.weights import Weights
from chatbot.data.dataset import Dataset
from chatbot.ngram.table import NgramTable
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
    table: NgramTable | None = None  # of the bundle, beside the network

    def export(self, weights: Weights, summary: dict[str, Any]) -> tuple[str, str]:
        """Write the bundle, whole or not at all; its fingerprint, and "", or what the gate has against it.

        What the gate refuses does not touch the bundle that is there. Leaves `probe` filled with the stored weights.
        """
        run, dtype = self.run, self.run.recipe.training.weights
        self.probe.load(as_stored(weights, dtype))
        config = replace(self._config(summary, run.path.resolve().name, dtype), golden=self.probe.golden())
        if self.gate:
            try:
                self._save(run.candidate, config, weights)
                if refusal := self.gate(run.candidate):
                    return "", refusal
            finally:
                shutil.rmtree(run.candidate, ignore_errors=True)
        return self._save(run.bundle, config, weights), ""

    def keep_epoch(self, weights: Weights, summary: dict[str, Any]) -> None:
        """Write the model of the epoch that `summary` tells of, small, and remove those beyond `epoch_bundles`."""
        run = self.run
        kept = run.recipe.training.epoch_bundles
        if not kept:
            return
        name = f"epoch-{summary['epochs']:05d}"
        self._save(run.epochs / name, self._config(summary, name, "int8"), weights)
        for old in sorted(run.epochs.glob("epoch-*"))[:-kept]:
            shutil.rmtree(old, ignore_errors=True)

    def replies(self, share: float | None) -> list[tuple[str, str]]:
        """What the model that `probe` was filled with last says to a few prompts, its n-grams having this share."""
        if isinstance(self.probe, TagProbe) or self.table is None or share is None:
            return self.probe.replies()
        return self.probe.replies(self.table, share)

    def _save(self, path: Path, config: BundleConfig, weights: Weights) -> str:
        table = self.table if config.ngram else None
        return save_bundle(path, config, weights, self.dataset.tokenizer(), render_card(config), table)

    def _config(self, summary: dict[str, Any], name: str, weights_dtype: str) -> BundleConfig:
        run, dataset, tokenizer = self.run, self.dataset, self.dataset.tokenizer()
        share = summary["validation"].get("ngram_share")
        return BundleConfig(
            name=name,
            task=dataset.task,
            network=self.network,
            context=run.recipe.context,
            tokenizer_kind=tokenizer.kind,
            tokenizer_file=tokenizer.file_name,
            weights_dtype=weights_dtype,
            training=summary,
            decoding=run.recipe.decoding,
            languages=tuple(dataset.info.get("languages", ())),
            ngram=facts_of(self.table, share) if self.table and share else None,
        )

"""What the weights of a training begin as, where chance alone is not enough: a model's weights, or word vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from chatbot.bundle.config import Network
from chatbot.bundle.loading import Bundle
from chatbot.bundle.schema import weight_shapes
from chatbot.text.tokenizer import Tokenizer
from chatbot.training.run import Run
from chatbot.training.settings import sized
from chatbot.training.vectors import with_vectors
from chatbot.training.warm_start import warm_start

if TYPE_CHECKING:
    from chatbot.training.step import Step


@dataclass(frozen=True, slots=True)
class Start:
    """What a training begins with; with `resume` it goes on from the run's last checkpoint, if there is one yet."""

    resume: bool = False
    bundle: Bundle | None = None  # its weights, as far as its vocabulary is the dataset's
    vectors: Path | None = None  # a file of word vectors for the embedding

    def check(self, network: Network, tokenizer: Tokenizer) -> None:
        """Raises what `fill` would for a network of a recipe, before there is a run, or an old one is replaced."""
        if self.bundle is not None:
            shapes = weight_shapes(sized(network, tokenizer))
            warm_start(self.bundle, tokenizer, {name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
        if self.vectors is not None:
            with_vectors(np.zeros((tokenizer.size, network.embedding_size), np.float32), tokenizer, self.vectors)

    def fill(self, graph: Step, tokenizer: Tokenizer, run: Run) -> bool:
        """Give the graph what a new training begins with, and record it; whether that is more than chance."""
        if self.resume and run.checkpoints.any():
            return False
        if self.bundle is not None:
            _take_bundle(self.bundle, graph, tokenizer, run)
        if self.vectors is not None:
            _take_vectors(self.vectors, graph, tokenizer, run)
        return self.bundle is not None or self.vectors is not None


def _take_bundle(bundle: Bundle, graph: Step, tokenizer: Tokenizer, run: Run) -> None:
    begun = warm_start(bundle, tokenizer, graph.network.export())
    kept = {"rows_kept": begun.kept, "rows": begun.size}
    run.note(step=0, epoch=0, seconds=0.0, tokens=0, warm_start=bundle.fingerprint, **kept)
    for name, variable in graph.network.by_name.items():
        variable.assign(begun.weights[name])


def _take_vectors(vectors: Path, graph: Step, tokenizer: Tokenizer, run: Run) -> None:
    begun, known = with_vectors(graph.network.export()["embedding"], tokenizer, vectors)
    run.note(step=0, epoch=0, seconds=0.0, tokens=0, vectors=vectors.name, rows_kept=known, rows=len(begun))
    graph.network.by_name["embedding"].assign(begun)

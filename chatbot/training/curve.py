"""The record of a run -> learning-curve.png."""

from __future__ import annotations

from typing import Any

from chatbot.files import write_atomically
from chatbot.training.run import Run

CURVE_FILE = "learning-curve.png"


def draw_curve(run: Run) -> None:
    """Draw training and validation loss over the epochs; without matplotlib nothing is drawn."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return
    import io
    import math

    steps = [note for note in run.notes() if "tokens_per_second" in note]
    epochs = [note for note in run.notes() if "validation" in note]
    figure = Figure(figsize=(7.0, 4.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    validation = [math.log(max(1.0, note["validation"]["token_perplexity"])) for note in epochs]
    axes.plot(_minutes(steps), [note["training_loss"] for note in steps], label="training (with dropout)")
    mixed = any("network_bits_per_byte" in note["validation"] for note in epochs)
    axes.plot(_minutes(epochs), validation, marker="o", label="validation, with its n-grams" if mixed else "validation")
    if mixed:
        alone = [nats * _alone(note["validation"]) for nats, note in zip(validation, epochs, strict=True)]
        axes.plot(_minutes(epochs), alone, marker="o", label="validation, the network alone")
    axes.set_xlabel("minutes of training")
    axes.set_ylabel("nats a token")
    axes.set_title(f"{run.path.resolve().name}: {run.recipe.task}")
    axes.grid(alpha=0.3)
    axes.legend()
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    write_atomically(run.path / CURVE_FILE, picture.getvalue())


def _alone(measures: dict[str, float]) -> float:
    """How many times the loss with n-grams the network alone has."""
    return measures.get("network_bits_per_byte", measures["bits_per_byte"]) / measures["bits_per_byte"]


def _minutes(notes: list[dict[str, Any]]) -> list[float]:
    return [note["seconds"] / 60.0 for note in notes]

"""Attention weights -> a PNG file, drawn by matplotlib where it is installed."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

from chatbot.errors import ChatbotError, UsageError
from chatbot.files import write_atomically
from chatbot.repl.drawing_why import named
from chatbot.repl.explain import Heat

MISSING = "a picture needs matplotlib; install it with: pip install matplotlib"


def save_heat(heat: Heat, path: Path) -> Path:
    """Save a heat map as a new file; a `ChatbotError` where that cannot be done."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ChatbotError(MISSING) from None
    if path.exists():
        raise UsageError(f"{path}: exists already; choose another name")
    figure = Figure(figsize=(2 + 0.35 * len(heat.reply), 2 + 0.3 * len(heat.source)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    picture = axes.imshow(heat.weights.T, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(heat.reply)), [_literal(token) for token in heat.reply], rotation=90)
    axes.set_yticks(range(len(heat.source)), [_literal(token) for token in heat.source])
    axes.set(xlabel="reply", ylabel="what was read")
    figure.colorbar(picture, label="attention")
    content = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # letters that its font does not have are drawn as boxes
        figure.savefig(content, format="png", dpi=120)
    write_atomically(path, content.getvalue())
    return path


def _literal(token: str) -> str:
    return named(token).replace("$", r"\$")  # or it would be read as mathematics

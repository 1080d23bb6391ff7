"""What `chatbot evaluate` measured -> a page to keep: HTML (one file, nothing fetched) or Markdown, by the file's name.

Holds the table, the settings, replies beside the human ones, and, of a training run, its learning curve.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from chatbot.cli.evaluation import Measured
from chatbot.errors import UsageError
from chatbot.evaluation.report import Sample
from chatbot.files import write_atomically
from chatbot.store.transcripts import escaped_markdown
from chatbot.terminal import one_line

Point = tuple[float, float, float]  # minutes, training loss, validation loss (nats a token)
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
pre { overflow-x: auto; } dl { display: grid; grid-template-columns: 5rem 1fr; } dd { margin: 0; }
dl + dl { border-top: 1px solid #8884; } svg { max-width: 100%; height: auto; }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd; } }
"""


def check_page(file: Path) -> None:
    """Raises `UsageError` where no page can be written, before what it shows is measured for minutes."""
    _kind(file)
    if not file.parent.is_dir():
        raise UsageError(f"--report: {file} cannot be written: there is no folder {file.parent}")
    if file.is_dir():
        raise UsageError(f"--report: {file} cannot be written: it is a folder")


def write_page(file: Path, measured: Measured, run: Path) -> None:
    """Write the page; its ending, .html or .md, says of which kind. Raises `UsageError`."""
    text = "\n".join(_kind(file)(measured, learning_curve(run / "metrics.jsonl"))) + "\n"
    try:
        write_atomically(file, text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"--report: {file} cannot be written: {error.strerror}") from error


def _kind(file: Path) -> Callable[[Measured, Sequence[Point]], Iterator[str]]:
    if file.suffix.lower() in (".html", ".htm"):
        return _html
    if file.suffix.lower() in (".md", ".markdown"):
        return _markdown
    raise UsageError(f"--report: {file.name!r} tells no format; expected a name that ends in .html or .md")


def learning_curve(record: Path) -> list[Point]:
    """The validations of a run; none where there is no record of one, or another file of that name."""
    found = []
    try:
        for line in record.read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            if "validation" in note:
                validation = math.log(note["validation"]["token_perplexity"])
                found.append((note["seconds"] / 60.0, float(note["training_loss"]), validation))
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found


def _markdown(measured: Measured, curve: Sequence[Point]) -> Iterator[str]:
    yield f"# {escaped_markdown(one_line(measured.model))} on {escaped_markdown(one_line(measured.data))}\n"
    yield "```"
    yield measured.table().replace("`", "'")
    yield "```"
    if curve:
        yield "\n## Learning curve\n\n| minutes | training, nats a token | validation |\n| ---: | ---: | ---: |"
        yield from (f"| {minutes:.1f} | {loss:.3f} | {validation:.3f} |" for minutes, loss, validation in curve)
    if measured.report.samples:
        yield "\n## Replies\n"
    for sample in measured.report.samples:
        said, model, human = (escaped_markdown(one_line(text)) for text in _texts(sample))
        yield f"- {said}\n  - model: {model}\n  - human: {human}"


def _html(measured: Measured, curve: Sequence[Point]) -> Iterator[str]:
    name = html.escape(one_line(measured.model))
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{name}</title>'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield f"<style>{STYLE}</style></head><body><h1>{name}</h1><pre>{html.escape(measured.table())}</pre>"
    if len(curve) > 1:
        yield "<h2>Learning curve</h2>"
        yield from _drawn(curve)
    if measured.report.samples:
        yield "<h2>Replies</h2>"
    for sample in measured.report.samples:
        said, model, human = (html.escape(one_line(text)) for text in _texts(sample))
        model = f"<b>{model}</b>"
        yield f"<dl><dt>said</dt><dd>{said}</dd><dt>model</dt><dd>{model}</dd><dt>human</dt><dd>{human}</dd></dl>"
    yield "</body></html>"


def _drawn(curve: Sequence[Point]) -> Iterator[str]:
    """Both losses over the minutes, as SVG."""
    losses = [loss for _, *both in curve for loss in both]
    low, high, last = min(losses), max(losses), max(minutes for minutes, _, _ in curve) or 1.0
    span = (high - low) or 1.0
    yield '<svg viewBox="0 0 640 300" role="img" aria-label="nats a token over minutes of training">'
    for column, colour, what in ((1, "#88a", "training (with dropout)"), (2, "#c50", "validation")):
        points = " ".join(f"{60 + 560 * p[0] / last:.1f},{260 - 240 * (p[column] - low) / span:.1f}" for p in curve)
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" />'
        yield f'<text x="440" y="{20 * column}" fill="{colour}" font-size="14">{what}</text>'
    labels = ((4, 262, f"{low:.2f}"), (4, 24, f"{high:.2f}"), (60, 285, "0"), (560, 285, f"{last:.0f} minutes"))
    yield from (f'<text x="{x}" y="{y}" fill="#888" font-size="14">{text}</text>' for x, y, text in labels)
    yield "</svg>"


def _texts(sample: Sample) -> tuple[str, str, str]:
    return sample.prompt, sample.reply, sample.human

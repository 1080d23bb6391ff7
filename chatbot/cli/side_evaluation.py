"""What `chatbot evaluate` does with models of other tasks than dialogue: translations and texts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatbot.cli.prepare_view import following
from chatbot.corpus.conll import read_conll
from chatbot.corpus.counts import Counts, Progress
from chatbot.corpus.pairs import read_pairs
from chatbot.data.dataset import Dataset
from chatbot.data.info import INFO
from chatbot.errors import DatasetError, UsageError
from chatbot.evaluation.exchanges import evenly
from chatbot.evaluation.tags import TagReport, measure_tags
from chatbot.evaluation.texts import ORDER, TextReport, measure_texts, nats
from chatbot.evaluation.translations import TranslationReport, measure_translations, require_sacrebleu
from chatbot.side.generation import Generator
from chatbot.side.tagging import Tagger
from chatbot.side.translation import Translator
from chatbot.terminal import one_line
from chatbot.text.tagging_tokenizer import TaggingTokenizer

DEFAULT_SPLIT = "validation"
TOGETHER = 256  # sentences translated between two moves of the bar


@dataclass(frozen=True, slots=True)
class Measured:
    """A report with what was measured on what."""

    facts: dict[str, Any]
    report: TranslationReport | TextReport | TagReport
    lines: list[str]

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {**self.facts, **self.report.as_dict()}

    def table(self) -> str:
        """Lines for a person."""
        where = self.facts["data"] + (f" ({self.facts['split']})" if self.facts["split"] else "")
        return "\n".join(
            [f"{one_line(self.facts['model'])} {self.facts['fingerprint'][:12]} on {one_line(where)}", "", *self.lines]
        )


def measure(
    task: str, name: str, data: Sequence[Path], split: str | None, limit: int | None, decoding: Mapping[str, Any]
) -> Measured:
    """Load the model and measure it on a prepared dataset or, for translations, on files of parallel text."""
    with following() as progress:
        if task == "translation":
            return _translations(name, data, split, limit, decoding, progress)
        if task == "tagging":
            return _tags(name, data, split, limit, progress)
        return _texts(name, data, split, limit, progress)


def _translations(
    name: str,
    data: Sequence[Path],
    split: str | None,
    limit: int | None,
    decoding: Mapping[str, Any],
    progress: Progress,
) -> Measured:
    require_sacrebleu()
    translator = Translator.load(name)
    settings = dataclasses.replace(translator.settings, **decoding)
    if (data[0] / INFO).is_file():
        split = split or DEFAULT_SPLIT
        pairs = _dataset_pairs(data, split, translator)
    elif split:
        raise UsageError(f"{data[0]}: --split is for a prepared dataset, but this holds no {INFO}; leave it out")
    else:
        found = read_pairs(data, Counts(), progress)
        pairs = [(one.utterances[0].text, one.utterances[1].text) for one in found]
    if not pairs:
        raise UsageError(f"{data[0]}: no pair to translate; expected lines with a source and a target")
    pairs = [pairs[i] for i in evenly(len(pairs), limit)]
    sources, references = [source for source, _ in pairs], [target for _, target in pairs]
    said: list[str] = []
    for first in range(0, len(sources), TOGETHER):
        said += [one.text for one in translator.translate(sources[first : first + TOGETHER], settings)]
        progress("translating", len(said), len(sources))
    report = measure_translations(sources, said, references)
    facts = _facts(translator, data, split) | {"decoding": dataclasses.asdict(settings)}
    head = f"{'sentences':22}{'pairs':>8}{'BLEU':>8}{'chrF':>8}{'length':>9}"
    rows = [
        f"{row:22}{one.pairs:>8,}{one.bleu:>8.2f}{one.chrf:>8.2f}{one.length_ratio:>9.3f}"
        for row, one in report.rows.items()
    ]
    return Measured(
        facts, report, [head, *rows, "", f"BLEU  {report.bleu_signature}", f"chrF  {report.chrf_signature}"]
    )


def _dataset_pairs(data: Sequence[Path], split: str, translator: Translator) -> list[tuple[str, str]]:
    """Sources and targets of a prepared dataset, as texts."""
    dataset = Dataset.open(data[0])
    languages = (translator.source, translator.target)
    if dataset.task != "translation" or tuple(dataset.info["languages"]) != languages:
        made = "-".join(dataset.info.get("languages", ())) or dataset.task
        raise DatasetError(f"{data[0]}: was made for {made}, but the model is for {'-'.join(languages)}")
    own, pairs = dataset.tokenizer(), dataset.split(split)
    context = dataclasses.replace(translator.context, marks=False, max_source_length=1000)
    return [(own.decode(pairs.source(i, context)), own.decode(pairs.target(i))) for i in range(len(pairs))]


def _texts(name: str, data: Sequence[Path], split: str | None, limit: int | None, progress: Progress) -> Measured:
    generator = Generator.load(name)
    dataset = Dataset.open(data[0])
    split = split or DEFAULT_SPLIT
    texts, train, tokenizer = dataset.texts(split), dataset.texts("train"), dataset.tokenizer()
    if tokenizer.to_bytes() != generator.tokenizer.to_bytes():
        raise DatasetError(
            f"{data[0]}: was prepared with another vocabulary than the model's; give the model's own data"
        )
    report = measure_texts(generator.stepper.score, tokenizer, texts, train, limit, progress)
    found, ngram = report.likelihood, report.ngram
    unknown = f", {found.unknown_words / found.tokens:.2%} unknown" if found.unknown_words else ""
    unit = {"character": "characters", "word": "words"}.get(generator.unit, "tokens")
    lines = [
        f"{found.replies:,} texts, {found.tokens:,} {unit} with the ends of texts{unknown}, {found.bytes:,} bytes",
        "",
        f"{'':22}{'nats each':>10}{'perplexity':>12}{'bits per byte':>15}",
        _row("the model", report.as_dict()["token_perplexity"], found),
        _row(f"{ORDER}-gram, Kneser-Ney", report.as_dict()[f"ngram_{ORDER}"]["token_perplexity"], ngram),
    ]
    return Measured(_facts(generator, data, split), report, lines)


def _tags(name: str, data: Sequence[Path], split: str | None, limit: int | None, progress: Progress) -> Measured:
    tagger = Tagger.load(name)
    if (data[0] / INFO).is_file():
        split = split or DEFAULT_SPLIT
        dataset = Dataset.open(data[0])
        held, own = dataset.sentences(split), dataset.tokenizer()
        names = own.tags if isinstance(own, TaggingTokenizer) else ()
        pairs = [(held.text(i, own).split(" "), [names[tag] for tag in held.sentence(i)[2]]) for i in range(len(held))]
    elif split:
        raise UsageError(f"{data[0]}: --split is for a prepared dataset, but this holds no {INFO}; leave it out")
    else:
        said = (
            tuple(turn.text.split(" ") for turn in one.utterances) for one in read_conll(data[0], Counts(), progress)
        )
        pairs = [(words, tags) for words, tags in said]
    pairs = [pairs[i] for i in evenly(len(pairs), limit)]
    report = measure_tags(tagger.tag_words, [words for words, _ in pairs], [tags for _, tags in pairs])
    head = f"{'spans':22}{'precision':>10}{'recall':>9}{'F1':>9}{'wanted':>9}{'found':>9}"
    rows = [
        f"{one_line(label):22}{row.precision:>10.2%}{row.recall:>9.2%}{row.f1:>9.2%}{row.wanted:>9,}{row.found:>9,}"
        for label, row in report.rows.items()
    ]
    words = f"{report.sentences:,} sentences, {report.words:,} words, {report.word_accuracy:.2%} of them tagged right"
    words += f"; {report.words_per_second:,.0f} words a second of one core"
    return Measured(_facts(tagger, data, split), report, [words, "", head, *rows])


def _row(name: str, perplexity: float, found: Any) -> str:
    return f"{name:22}{nats(found):>10.4f}{perplexity:>12.2f}{found.bits_per_byte:>15.4f}"


def _facts(model: Translator | Generator | Tagger, data: Sequence[Path], split: str | None) -> dict[str, Any]:
    named = {"model": model.name, "fingerprint": model.fingerprint}
    return {**named, "data": " ".join(map(str, data)), "split": split}

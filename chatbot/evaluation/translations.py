"""Translations and what people said -> BLEU by sacreBLEU with its signature, and chrF; short and long sentences apart.

Post 2018, "A call for clarity in reporting BLEU scores"; Popovic 2015, "chrF". Each pair counts once, with its own
reference alone, also where a source has several translations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chatbot.errors import UsageError
from chatbot.text.words import count_words

LONG = 10  # words; a source of more is long


@dataclass(frozen=True, slots=True)
class TranslationMeasures:
    """Of some pairs; BLEU and chrF from 0 to 100."""

    pairs: int
    bleu: float
    chrf: float
    length_ratio: float  # of the translations' words to the references'


@dataclass(frozen=True, slots=True)
class TranslationReport:
    """`rows` holds all pairs, then those with short and with long sources, where there are any."""

    rows: dict[str, TranslationMeasures]
    bleu_signature: str
    chrf_signature: str

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)


def require_sacrebleu() -> None:
    """One line on what to install where it is missing."""
    from importlib.util import find_spec

    if find_spec("sacrebleu") is None:
        raise UsageError(
            "measuring translations needs sacreBLEU, which is not installed; in the project's folder, type: "
            "pip install '.[evaluate]'"
        )


def measure_translations(
    sources: Sequence[str], translations: Sequence[str], references: Sequence[str]
) -> TranslationReport:
    """The measures of translation i of source i against reference i."""
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(), CHRF()
    long = [count_words(source) > LONG for source in sources]
    members = {
        "all": list(range(len(sources))),
        f"of at most {LONG} words": [i for i, one in enumerate(long) if not one],
        f"of more than {LONG}": [i for i, one in enumerate(long) if one],
    }
    rows = {}
    for name, chosen in members.items():
        if not chosen:
            continue
        said, wanted = [translations[i] for i in chosen], [references[i] for i in chosen]
        found = bleu.corpus_score(said, [wanted])
        ratio = found.sys_len / max(1, found.ref_len)
        rows[name] = TranslationMeasures(len(chosen), found.score, chrf.corpus_score(said, [wanted]).score, ratio)
    return TranslationReport(rows, str(bleu.get_signature()), str(chrf.get_signature()))

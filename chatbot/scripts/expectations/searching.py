"""Expectations on how likely texts are after what was said: by beam search, by rank, by log-probability, by margin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatbot.decoding.search import widened
from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.wording import quoted
from chatbot.scripts.mappings import Fields
from chatbot.scripts.quantities import Bounds, Number
from chatbot.scripts.shapes import OneOrMore, Text

BEAM = 10  # hypotheses that are searched for
_BEAM = Number(1, 100, whole=True)


def _found(evidence: Evidence, size: int) -> list[str]:
    """The texts of a beam search for another reply of the same settings, best first; of the reply's own where it was
    one of at least this size.
    """
    reply = evidence.reply
    wide = widened(replace(reply.settings, temperature=0.0, beam_groups=1), size)
    if wide != reply.settings or reply.rank or not reply.complete:
        reply = evidence.model.answer_ids(reply.context_ids, wide, words=reply.context_words)
    return [reply.text, *(one.text for one in reply.alternatives)]


def _own(evidence: Evidence) -> float:
    """The natural-log probability of the reply as it was found, its end counted."""
    return float(sum(evidence.reply.token_log_probs))


def _log_prob(evidence: Evidence, text: str) -> float:
    """The natural-log probability of a text as the whole reply, its end counted."""
    model = evidence.model
    row = model.stepper.score([evidence.reply.context_ids], [model.tokenizer.encode(text)])[0]
    return float(row.sum(dtype=float))


def _in_beam(argument: dict[str, Any], evidence: Evidence) -> Found:
    size = argument.get("beam", BEAM)
    found = _found(evidence, size)
    holds = any(text in found for text in argument["text"])
    where = f"among the {len(found)} that a beam of {size} finds"
    return Found(holds, f"{'has' if holds else 'lacks'} {quoted(argument['text'])} {where}")


def _rank(argument: dict[str, Any], evidence: Evidence) -> Found:
    found, text = _found(evidence, argument.get("beam", BEAM)), argument.get("of", evidence.text)
    if text not in found:
        return Found(False, f"has {quoted((text,))} nowhere among the {len(found)} that a beam finds")
    rank = found.index(text) + 1
    return Found(rank in argument["range"], f"has {quoted((text,))} at rank {rank}")


def _log_probability(argument: dict[str, Any], evidence: Evidence) -> Found:
    text = argument.get("of")
    value = _log_prob(evidence, text) if text else _own(evidence)
    whose = f" of {quoted((text,))}" if text else ""
    return Found(value in argument["range"], f"has a log-probability{whose} of {value:.2f}")


def _margin(argument: dict[str, Any], evidence: Evidence) -> Found:
    """By how much the reply's log-probability is above another text's: named, or the best other one of a beam."""
    other = argument.get("over") or next((text for text in _found(evidence, BEAM) if text != evidence.text), None)
    if other is None:
        return Found(True, "is the only one that a beam finds")
    margin = _own(evidence) - _log_prob(evidence, other)
    return Found(margin in argument["range"], f"is {margin:.2f} nats likelier than {quoted((other,))}")


KINDS = (
    Kind(
        "in_beam",
        f"it, or one of them, is among the hypotheses of a beam search, of {BEAM} where `beam` says no other size",
        Fields({"text": OneOrMore(Text()), "beam": _BEAM}, ("text",), alone="text"),
        _in_beam,
    ),
    Kind(
        "rank",
        "the place of the reply, or of another text, among those of the beam search, from 1",
        Bounds({"of": Text(), "beam": _BEAM}),
        _rank,
    ),
    Kind(
        "log_probability",
        "natural log of the probability of the reply, or of another text, its end counted",
        Bounds({"of": Text()}),
        _log_probability,
    ),
    Kind(
        "margin",
        "by how much the reply's log-probability is above that of a text, or of the best other one in a beam",
        Bounds({"over": Text()}),
        _margin,
    ),
)

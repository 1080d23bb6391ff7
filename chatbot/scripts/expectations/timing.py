"""The expectation on time: always a ratio to another way to answer, on the same machine, in the same run."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.quantities import Bounds
from chatbot.scripts.settings import Decoding
from chatbot.settings import DecodingSettings

ROUNDS = 3
GREEDY = {"beam_size": 1, "temperature": 0.0, "beam_groups": 1}


def _latency_ratio(argument: dict[str, Any], evidence: Evidence) -> Found:
    """Processor time of the reply's settings by that of others, the least of some rounds of each, in turns."""
    own = evidence.reply.settings
    other = replace(own, **argument.get("to", GREEDY))
    rounds = [(_seconds(evidence, own), _seconds(evidence, other)) for _ in range(ROUNDS)]
    ratio = min(one for one, _ in rounds) / max(1e-9, min(one for _, one in rounds))
    return Found(ratio in argument["range"], f"took {ratio:.1f} times as long")


def _seconds(evidence: Evidence, settings: DecodingSettings) -> float:
    began = time.process_time()
    evidence.model.answer_ids(evidence.reply.context_ids, settings, words=evidence.reply.context_words)
    return time.process_time() - began


KINDS = (
    Kind(
        "latency_ratio",
        "processor time of the reply, decoded alone, by that of a greedy one, or of one with the settings `to`",
        Bounds({"to": Decoding()}),
        _latency_ratio,
    ),
)

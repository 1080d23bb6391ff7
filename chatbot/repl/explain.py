"""A receipt and the model that gave it -> what the model thought at each step, and what a search would find.

Recomputed by teacher forcing: the reply's own ids are fed, whatever the search did. Imported where needed: it brings
NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from chatbot.decoding.search import decode
from chatbot.decoding.stepper import Floats, Stepper
from chatbot.dialogue.forcing import forced
from chatbot.dialogue.model import Model
from chatbot.dialogue.reply import Reply
from chatbot.dialogue.words import rules_for
from chatbot.inference.mixture import MixedStepper
from chatbot.repl.drawing_beams import Found
from chatbot.repl.drawing_why import Candidate, Step
from chatbot.repl.loading import Stop, Stopped, never
from chatbot.repl.tracing import TracingStepper
from chatbot.text.special import BOS_ID, EOS_ID

RIVALS = 3  # likeliest other tokens of each step
TEMPERATURES = (0.2, 1.0)


@dataclass(frozen=True, slots=True)
class Heat:
    """Attention weights [reply tokens, source tokens], rows sum to 1; and the tokens."""

    weights: NDArray[np.float32]
    reply: tuple[str, ...]
    source: tuple[str, ...]


def steps(model: Model, reply: Reply, stop: Stop = never) -> list[Step]:
    """Each token of a reply, its end among them, with its rivals."""
    fed = [(target, log_probs) for target, log_probs, _ in _fed(model, reply, stop)]
    known = _known(model, [target for target, _ in fed])
    return [_step(model, *one, share) for one, share in zip(fed, known, strict=True)]


def _known(model: Model, ids: list[int]) -> list[float | None]:
    """The probability that n-grams beside the network lend to each id of a reply, its end among them; else None."""
    if not isinstance(model.stepper, MixedStepper):
        return [None] * len(ids)
    found = model.stepper.table.log_probs(np.array([BOS_ID, *ids]))[1:]
    return [model.stepper.share * one for one in np.exp(found).tolist()]


def heat(model: Model, reply: Reply, stop: Stop = never) -> Heat:
    """Where the model looked at each token of a reply."""
    fed = list(_fed(model, reply, stop))
    weights = np.stack([attention for _, _, attention in fed])  # [reply tokens, source tokens]
    tokens = model.tokenizer.pieces([target for target, _, _ in fed])
    return Heat(weights, tuple(tokens), tuple(model.tokenizer.pieces(list(reply.context_ids))))


def search(model: Model, reply: Reply, size: int, stop: Stop) -> list[Found]:
    """What a beam search of this size finds for the reply's context, under its other settings, best first.

    After that what it followed for a while and dropped, the longest first.
    """
    settings = replace(reply.settings, temperature=0.0, beam_size=size, beam_groups=1)
    rules = rules_for(model.tokenizer, settings)
    stepper = TracingStepper(model.stepper)
    asked = cast(Stepper, stepper)  # its steps take no state but its own
    found = decode(asked, [reply.context_ids], settings, [reply.seed], stop, rules)[0]
    if stop():
        raise Stopped("stopped")
    ended = [(*one.ids, EOS_ID) if one.finished else one.ids for one in found]
    dropped = stepper.dropped(ended)
    pieces = model.tokenizer.pieces
    return [
        *(Found(tuple(pieces(ids)), one.token_log_probs) for ids, one in zip(ended, found, strict=True)),
        *(Found(tuple(pieces(one.ids)), one.log_probs, dropped=True) for one in dropped),
    ]


def _fed(model: Model, reply: Reply, stop: Stop) -> Iterator[tuple[int, Floats, Floats]]:
    for step in forced(model, reply):
        if stop():
            raise Stopped("stopped")
        yield step


def _step(model: Model, target: int, log_probs: Floats, known: float | None) -> Step:
    best = np.argpartition(-log_probs, RIVALS + 1)[: RIVALS + 1]  # one more, as the target may be among them
    ids = [int(i) for i in best[np.argsort(-log_probs[best], kind="stable")] if i != target][:RIVALS]
    shown = sorted([target, *ids], key=lambda i: -log_probs[i])
    spread = [_tempered(log_probs, temperature) for temperature in TEMPERATURES]
    pieces = dict(zip(shown, model.tokenizer.pieces(shown), strict=True))
    return Step(
        Candidate(pieces[target], float(log_probs[target])),
        tuple(Candidate(pieces[i], float(log_probs[i])) for i in ids),
        tuple(tuple((pieces[i], float(one[i])) for i in shown) for one in spread),
        None if known is None else min(1.0, known / float(np.exp(log_probs[target]))),
    )


def _tempered(log_probs: Floats, temperature: float) -> NDArray[np.float64]:
    """softmax(log p / temperature), [vocabulary]."""
    scaled = (log_probs.astype(np.float64) - log_probs.max()) / temperature
    weights = np.exp(scaled)
    return np.asarray(weights / weights.sum())

"""A conditional random field over tags (Lafferty, McCallum & Pereira 2001): scores of words and of pairs -> a loss.

The score of a sequence of tags is the sum of its words' scores, of its neighbours' and of its ends'; its probability is
exp(score) over the sum of that for all sequences, which the forward algorithm adds up word by word.
"""

from __future__ import annotations

from keras import ops

from chatbot.network.precision import Tensor
from chatbot.network.recurrence import Scan


def crf_losses(
    scores: Tensor, tags: Tensor, mask: Tensor, pairs: Tensor, first: Tensor, last: Tensor, scan: Scan = ops.scan
) -> Tensor:
    """Negative log-likelihood (nats) of each sentence's tags, [sentences].

    `scores` [sentences, words, tags], `tags` [sentences, words] ids from 0, `mask` [sentences, words] with 1 at real
    words, which come first; `pairs` [tags before, tags], `first` and `last` [tags].
    """
    return _total(scores, mask, pairs, first, last, scan) - _path(scores, tags, mask, pairs, first, last)


def _path(scores: Tensor, tags: Tensor, mask: Tensor, pairs: Tensor, first: Tensor, last: Tensor) -> Tensor:
    """The score of the given tags, [sentences]."""
    size = scores.shape[-1]
    own = ops.take_along_axis(scores, tags[:, :, None], axis=-1)[:, :, 0]  # [sentences, words]
    flat = ops.reshape(pairs, (-1,))
    between = ops.take(flat, tags[:, :-1] * size + tags[:, 1:], axis=0)  # [sentences, words - 1]
    begins = ops.concatenate([mask[:, :1], mask[:, 1:] * 0.0], axis=1)
    ends = mask - ops.concatenate([mask[:, 1:], mask[:, :1] * 0.0], axis=1)  # 1 at the last real word
    outer = begins * ops.take(first, tags, axis=0) + ends * ops.take(last, tags, axis=0)
    return ops.sum(own * mask + outer, axis=1) + ops.sum(between * mask[:, 1:], axis=1)


def _total(scores: Tensor, mask: Tensor, pairs: Tensor, first: Tensor, last: Tensor, scan: Scan) -> Tensor:
    """Log of the sum of exp(score) over all sequences of tags, [sentences]."""

    def step(carry: Tensor, inputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        own, real = inputs  # [sentences, tags], [sentences, 1]
        grown = ops.logsumexp(carry[:, :, None] + pairs, axis=1) + own
        carry = carry + real * (grown - carry)
        return carry, carry

    later = (ops.transpose(scores, (1, 0, 2))[1:], ops.transpose(mask)[1:, :, None])  # words first
    reached, _ = scan(step, scores[:, 0] + first, later)
    return ops.logsumexp(reached + last, axis=-1)

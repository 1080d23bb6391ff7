"""The loss of the next id, softmax and cross-entropy with a gradient written by hand, for large vocabularies.

What automatic differentiation would do in several passes over [positions, vocabulary] is done in one: the gradient by
the logits, softmax minus one-hot, is never made; the one-hot part touches only the rows of the targets.
"""

from __future__ import annotations

from typing import Any

from keras import ops

from chatbot.network.gradient import with_gradient
from chatbot.network.precision import Tensor, product


def next_id_losses(
    features: Tensor, targets: Tensor, kernel: Tensor, bias: Tensor, precision: str = "float32", smoothing: float = 0.0
) -> tuple[Tensor, Tensor]:
    """What to minimise, and the negative log-likelihood (nats), both [positions].

    `features` [positions, size], `targets` [positions] ids, `kernel` [vocabulary, size], `bias` [vocabulary]. The two
    differ by label smoothing (Szegedy et al. 2016): `smoothing` of the target's probability is spread over all ids.
    Only the first has a gradient.
    """
    vocabulary = kernel.shape[0]

    @with_gradient
    def differentiable(features: Tensor, kernel: Tensor, bias: Tensor) -> Any:
        logits = product(features, ops.transpose(kernel), precision) + bias  # [positions, vocabulary]
        highest = ops.max(logits, axis=-1, keepdims=True)
        exponentials = ops.exp(logits - highest)
        sums = ops.sum(exponentials, axis=-1, keepdims=True)
        log_sums = (ops.log(sums) + highest)[:, 0]
        likely = ops.take_along_axis(logits, targets[:, None], axis=-1)[:, 0]
        nll = log_sums - likely
        spread = log_sums - ops.mean(logits, axis=-1) if smoothing else nll
        probabilities = ops.cast(exponentials * (1.0 / sums), precision)

        def gradient(*upstream: Any) -> Any:
            weights = (upstream[0] if len(upstream) == 1 else upstream)[0][:, None]  # [positions, 1]
            weighted = features * weights
            certain = (1.0 - smoothing) * weights
            d_features = weights * product(probabilities, kernel, precision)
            d_features = d_features - certain * ops.take(kernel, targets, axis=0)
            d_kernel = product(ops.transpose(probabilities), weighted, precision)
            d_kernel = d_kernel - _by_id((1.0 - smoothing) * weighted, targets, vocabulary)
            d_bias = product(ops.transpose(weights), probabilities, precision)[0]
            d_bias = d_bias - _by_id(certain, targets, vocabulary)[:, 0]
            if smoothing:
                share = smoothing / vocabulary
                d_features = d_features - share * weights * ops.sum(kernel, axis=0)
                d_kernel = d_kernel - share * ops.sum(weighted, axis=0)
                d_bias = d_bias - share * ops.sum(weights)
            return d_features, d_kernel, d_bias

        return ((1.0 - smoothing) * nll + smoothing * spread, nll), gradient

    wanted, nll = differentiable(features, kernel, bias)
    return wanted, ops.stop_gradient(nll)


def _by_id(rows: Tensor, ids: Tensor, size: int) -> Tensor:
    """Sums [size, width] of the `rows` [positions, width] of each id."""
    return ops.segment_sum(rows, ids, num_segments=size)

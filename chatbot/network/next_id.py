"""The loss of the next id, softmax and cross-entropy with a gradient written by hand, for large vocabularies.

In: what the output layer reads, target ids and the layer's weights. Out: losses. [positions, vocabulary] is written as
seldom as can be: by the product, by the softmax, and in place at the targets, from where both gradients are products.
A sampled softmax writes [positions, columns] instead.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from keras import ops

from chatbot.network.gradient import with_gradient
from chatbot.network.precision import Tensor, product

TINY = 1e-37  # nothing beside a probability, but where that is 0 the loss stays finite


class Columns(NamedTuple):
    """The ids that a sampled softmax sums over; all targets are among them."""

    ids: Any  # [columns], each once
    log_weights: Any  # [columns], by how many times one counts
    places: Any  # of the targets among the ids, in the targets' shape


def next_id_losses(
    features: Tensor, targets: Tensor, kernel: Tensor, bias: Tensor, precision: str = "float32", smoothing: float = 0.0
) -> tuple[Tensor, Tensor]:
    """What to minimise, and the negative log-likelihood (nats), both [positions]; for training.

    `features` [positions, size], `targets` [positions] ids, `kernel` [vocabulary, size], `bias` [vocabulary]. The two
    differ by label smoothing (Szegedy et al. 2016): `smoothing` of the target's probability is spread over all ids.
    Only the first has a gradient. Probabilities are kept in `precision`: bfloat16 rounds a loss by up to 0.002 nats.
    """

    @with_gradient
    def differentiable(features: Tensor, kernel: Tensor, bias: Tensor) -> Any:
        probabilities = ops.softmax(_logits(features, kernel, bias, precision), axis=-1)
        likely = ops.take_along_axis(probabilities, targets[:, None], axis=-1)  # [positions, 1]
        nll = -ops.log(ops.cast(likely[:, 0], "float32") + TINY)
        wanted = nll
        if smoothing:
            wanted = (1.0 - smoothing) * nll + smoothing * _spread(nll, features, targets, kernel, bias)

        def gradient(*upstream: Any) -> Any:
            weights = (upstream[0] if len(upstream) == 1 else upstream)[0][:, None]  # [positions, 1]
            at = ops.stack([ops.arange(ops.shape(targets)[0], dtype=targets.dtype), targets], axis=1)
            wrong = likely[:, 0] - ops.cast(1.0 - smoothing, likely.dtype)
            d_logits = ops.scatter_update(probabilities, at, wrong)  # but for the share of smoothing
            weighted = features * weights
            d_features = weights * product(d_logits, kernel, precision)
            d_kernel = product(ops.transpose(d_logits), weighted, precision)
            d_bias = product(ops.transpose(weights), d_logits, precision)[0]
            if smoothing:
                share = smoothing / kernel.shape[0]
                d_features = d_features - share * weights * ops.sum(kernel, axis=0)
                d_kernel = d_kernel - share * ops.sum(weighted, axis=0)
                d_bias = d_bias - share * ops.sum(weights)
            return d_features, d_kernel, d_bias

        return (wanted, nll), gradient

    wanted, nll = differentiable(features, kernel, bias)
    return wanted, ops.stop_gradient(nll)


def sampled_next_id_losses(
    features: Tensor,
    targets: Tensor,
    columns: Columns,
    kernel: Tensor,
    bias: Tensor,
    precision: str = "float32",
    smoothing: float = 0.0,
) -> tuple[Tensor, Tensor]:
    """`next_id_losses` by a sum over some ids, for training with a large vocabulary (Jean et al. 2015).

    The softmax divides by Z, the sum of exp(logit) over all ids. Let C be ids that are always summed over, the targets
    among them, and S ids drawn without replacement, all equally likely, from the other R. Then

        Z ~ sum over C of exp(logit) + sum over the drawn of exp(logit + ln(R / S))

    is right on average (complementary sum sampling, Botev et al. 2017), and a target's own exp(logit) is exact.
    """
    rows, starts = (ops.take(one, columns.ids, axis=0) for one in (kernel, bias))
    places = ops.reshape(columns.places, (-1,))
    wanted, nll = next_id_losses(features, places, rows, starts + columns.log_weights, precision)
    if smoothing:  # over all ids, for which no sum of theirs is needed
        wanted = (1.0 - smoothing) * wanted + smoothing * _spread(wanted, features, targets, kernel, bias)
    return wanted, nll


def next_id_nll(features: Tensor, targets: Tensor, kernel: Tensor, bias: Tensor, precision: str = "float32") -> Tensor:
    """Negative log-likelihood (nats) [positions], but for the products in float32; for scoring."""
    logits = product(features, ops.transpose(kernel), precision) + bias  # [positions, vocabulary]
    likely = ops.take_along_axis(logits, targets[:, None], axis=-1)[:, 0]
    return ops.logsumexp(logits, axis=-1) - likely


def _logits(features: Tensor, kernel: Tensor, bias: Tensor, precision: str) -> Tensor:
    """Logits [positions, vocabulary], kept in `precision`."""
    low = [ops.cast(one, precision) for one in (features, kernel, bias)]
    return ops.matmul(low[0], ops.transpose(low[1])) + low[2]


def _spread(nll: Tensor, features: Tensor, targets: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Negative log-likelihood (nats) were all ids equally likely to be the target, [positions].

    The log of the softmax's sum is what the target's logit and its loss come to.
    """
    logits = ops.sum(features * ops.take(kernel, targets, axis=0), axis=-1) + ops.take(bias, targets, axis=0)
    middle = ops.matmul(features, ops.mean(kernel, axis=0)[:, None])[:, 0] + ops.mean(bias)
    return nll + logits - middle

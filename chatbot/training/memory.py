"""What a training is about to ask of the memory, and what there is -> nothing, or one line that says what would fit.

TensorFlow ends the whole process where memory runs out, so this is looked at before. The estimates are low ones, by
measurement (validation, which takes four times as many ids at once, decides): what is refused would not have fit.
"""

from __future__ import annotations

from pathlib import Path

from chatbot.bundle.config import Network, TaggerSettings
from chatbot.bundle.schema import count_parameters
from chatbot.errors import ConfigError
from chatbot.training.settings import Recipe

LEAST_BATCH = 64  # ids, as in a recipe
VALIDATED_AT_ONCE = 4  # batches of training
BYTES_A_LOGIT = 6  # of what is held at once, float32 logits and their exponentials, at four in five positions
BYTES_A_PARAMETER = 20  # weight, gradient, two of Adam, average
BYTES_AN_ID = 100  # while n-grams are counted: 5.1 million ids took 640 MB
MEMINFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")


def available() -> int | None:
    """Bytes that this process may still take, as far as the system tells; None where it does not."""
    found = []
    try:
        facts = _numbers(MEMINFO)
        found.append((facts["MemAvailable:"] + facts.get("SwapFree:", 0)) * 1024)
    except (OSError, KeyError, ValueError):
        pass
    try:
        most, taken = (int((CONTROL_GROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        cached = _numbers(CONTROL_GROUP / "memory.stat").get("inactive_file", 0)  # given back when it is asked for
        found.append(max(0, most - taken + cached))
    except (OSError, ValueError):  # no control group, or one without a limit
        pass
    return min(found, default=None)


def _numbers(file: Path) -> dict[str, int]:
    """The first number of each line, by the name before it."""
    words = (line.split() for line in file.read_text().splitlines())
    return {name: int(number) for name, number, *_ in words}


def check_memory(recipe: Recipe, network: Network, ids: int) -> None:
    """`ConfigError` where the training of a network cannot fit into what is free; n-grams are counted of `ids` ids."""
    free = available()
    if free is None:
        return
    if recipe.ngram.order and (needed := BYTES_AN_ID * ids) > free:
        raise ConfigError(
            f"to count the n-grams of {ids:,} ids takes about {_size(needed)} of memory, but {_size(free)} are free; "
            "leave the section [ngram] out of the recipe, or prepare less text"
        )
    asked = recipe.training.batch_tokens
    fixed, each = BYTES_A_PARAMETER * count_parameters(network), VALIDATED_AT_ONCE * BYTES_A_LOGIT * _classes(network)
    if fixed + each * asked <= free:
        return
    fits = (free - fixed) // each
    instead = f"training.batch_tokens = {fits} would fit" if fits >= LEAST_BATCH else "take a smaller network"
    raise ConfigError(
        f"a network of {count_parameters(network):,} parameters and batches of {asked:,} ids take about "
        f"{_size(fixed + each * asked)} of memory, but {_size(free)} are free; {instead}"
    )


def _classes(network: Network) -> int:
    """What the output layer tells apart."""
    return network.tags if isinstance(network, TaggerSettings) else network.vocabulary_size


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"

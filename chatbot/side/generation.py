"""The beginning of a text -> how it might go on, by a language model over characters or words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, cast

import numpy as np

from chatbot.bundle.config import LanguageModelSettings
from chatbot.decoding.search import decode
from chatbot.decoding.stepper import Scorer
from chatbot.dialogue.seeds import seed_for
from chatbot.dialogue.wellformed import well_formed
from chatbot.dialogue.words import rules_for
from chatbot.errors import UsageError
from chatbot.inference.cache import CacheSettings
from chatbot.inference.language_model import LanguageModelStepper
from chatbot.settings import DecodingSettings
from chatbot.side.loading import checked_stepper, default_settings, load_for
from chatbot.text.special import BOS_ID, EOS_ID
from chatbot.text.tokenizer import Tokenizer

MOST_READ = 2000  # ids of a prompt, the latest
LEAST_TEMPERATURE = 1e-4  # of a table: below, the likeliest has it all

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Continuation:
    """A prompt and what follows. `text` is both together; `log_probs` are those of `token_ids`, and of the end."""

    prompt: str
    continuation: str
    text: str
    token_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    log_probs: tuple[float, ...]
    finished: bool  # whether the text came to its end, and was not cut by max_length
    settings: DecodingSettings
    seed: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Next:
    """One of the likeliest tokens after a prompt; `token` is "" for the end of the text."""

    token: str
    probability: float
    id: int


@dataclass(frozen=True, slots=True)
class Generator:
    """A language model. `unit` is "character", "word" or "sentencepiece"."""

    name: str
    fingerprint: str
    unit: str
    settings: DecodingSettings  # the bundle's defaults
    tokenizer: Tokenizer
    stepper: Scorer

    @classmethod
    def load(cls, name: str | None = None, cache: CacheSettings | None = None) -> Self:
        """Find, load and check a model; None is the first language model there is.

        With `cache`, what the text at hand held is likelier to come again. Raises `BundleError` or `UsageError`.
        """
        bundle = load_for("generation", name)
        config, stepper = bundle.config, checked_stepper(bundle)
        if cache is not None and isinstance(config.network, LanguageModelSettings):
            stepper = cast(Scorer, LanguageModelStepper(bundle.weights, config.network, cache))
        settings = default_settings(bundle)
        return cls(config.name, bundle.fingerprint, config.tokenizer_kind, settings, bundle.tokenizer, stepper)

    def generate(
        self,
        prompt: str,
        settings: DecodingSettings | None = None,
        seed: int | None = None,
        stop: Stop | None = None,
    ) -> Continuation:
        """Go on from `prompt`, which may be empty. Without `seed`, settings.seed is used, or else a fresh one."""
        settings = settings or self.settings
        seed = seed_for(settings) if seed is None else seed
        source = self.read(prompt)
        found = decode(self.stepper, [source], settings, [seed], stop, rules_for(self.tokenizer, settings))[0][0]
        said = self.spoken(source, found.ids)
        return Continuation(
            prompt=prompt,
            continuation=said,
            text=prompt + said,
            token_ids=found.ids,
            tokens=tuple(self.tokenizer.pieces(found.ids)),
            log_probs=found.token_log_probs,
            finished=found.finished,
            settings=replace(settings, seed=seed),
            seed=seed,
            fingerprint=self.fingerprint,
        )

    def likeliest(self, prompt: str, temperature: float, count: int) -> list[Next]:
        """The `count` likeliest tokens after `prompt`, with their probabilities at a temperature, likeliest first."""
        never = sorted(rules_for(self.tokenizer, self.settings).never)
        log_probs, _ = self.stepper.step(np.array([BOS_ID]), self.stepper.start([self.read(prompt)]))
        scores = log_probs[0].astype(np.float64)
        scores[never] = -np.inf
        count = min(count, int(np.isfinite(scores).sum()))
        scores = (scores - scores.max()) / max(temperature, LEAST_TEMPERATURE)
        shares = np.exp(scores) / np.exp(scores).sum()
        best = np.argsort(-shares, kind="stable")[:count].tolist()
        pieces = self.tokenizer.pieces(best)
        return [Next("" if i == EOS_ID else piece, float(shares[i]), i) for i, piece in zip(best, pieces, strict=True)]

    def read(self, prompt: str) -> list[int]:
        """The ids of a prompt, the latest ones; `UsageError` where the model knows nothing of it."""
        ids = self.tokenizer.encode(well_formed(prompt))[-MOST_READ:]
        if prompt.strip() and not ids:
            raise UsageError("the prompt holds nothing that can be read; type some words")
        return ids

    def spoken(self, prompt_ids: Sequence[int], ids: Sequence[int]) -> str:
        """The text of `ids` as it follows the prompt, with the space that belongs between them."""
        before = self.tokenizer.decode(prompt_ids)
        both = self.tokenizer.decode([*prompt_ids, *ids])
        return both[len(before) :] if both.startswith(before) else f" {self.tokenizer.decode(ids)}"

"""A loaded model that answers: turns in, a `Reply` with its receipt out. Remembers no dialogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, cast

from chatbot.bundle.config import BundleConfig
from chatbot.data.context import source_ids
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.search import decode
from chatbot.decoding.stepper import Stepper
from chatbot.dialogue.reply import Alternative, Reply
from chatbot.dialogue.seeds import seed_for
from chatbot.dialogue.wellformed import well_formed
from chatbot.errors import BundleError, ChatbotError, UsageError
from chatbot.settings import DecodingSettings, from_mapping
from chatbot.text.tokenizer import Tokenizer

SILENCE = "..."  # said where the model finds no words
CHARACTERS_PER_TOKEN = 100  # of a long text, the last max_source_length times this many characters are read
SPARE_BEAMS = 4  # a search for words not yet shown keeps this many hypotheses more than were shown
WIDEST_BEAM = 100

Choices = list[tuple[str, Hypothesis]]


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that a reply depends on but the turns, the settings and the seed."""

    name: str
    fingerprint: str
    config: BundleConfig
    tokenizer: Tokenizer
    stepper: Stepper
    settings: DecodingSettings  # the bundle's defaults

    @classmethod
    def load(cls, name: str | None = None) -> Self:
        """Find, load and check a model; None is the default one, `name` what `bundle.locate.find_model` takes.

        Raises `BundleError` or `UsageError` of one line.
        """
        from chatbot.bundle.loading import load_bundle
        from chatbot.bundle.locate import find_model
        from chatbot.inference.golden import check_golden
        from chatbot.inference.seq2seq import Seq2SeqStepper

        path = find_model(name)
        bundle = load_bundle(path)
        config = bundle.config
        if config.task != "dialogue":
            raise BundleError(f"{path}: is a model for {config.task}, not for dialogue; choose another with --model")
        network = Seq2SeqStepper(bundle.weights, config.network)
        check_golden(network, config)
        stepper = cast(Stepper, network)  # its steps take no state but its own
        settings = from_mapping(DecodingSettings, config.decoding, f"{path}: decoding")
        return cls(config.name, bundle.fingerprint, config, bundle.tokenizer, stepper, settings)

    def answer(
        self,
        turns: Sequence[str],
        own: Sequence[bool],
        settings: DecodingSettings,
        seed: int | None = None,
        stop: Callable[[], bool] | None = None,
        shown: Sequence[str] = (),
    ) -> Reply:
        """Reply to the last of `turns`; `own[i]` says that turn i was spoken by the bot.

        Without `seed`, settings.seed is used, and without that a fresh one. `shown` are texts that the reply must
        differ from. Raises `UsageError` where there is nothing to answer, `ChatbotError` where
        no other reply is found.
        """
        context_ids = self.context_ids(turns, own)
        if shown:
            beam_size = min(max(settings.beam_size, len(shown) + SPARE_BEAMS), WIDEST_BEAM)
            settings = replace(settings, beam_size=beam_size)
        seed = seed_for(settings) if seed is None else seed
        return self.answer_ids(context_ids, replace(settings, seed=seed), stop, shown)

    def context_ids(self, turns: Sequence[str], own: Sequence[bool]) -> list[int]:
        """What the encoder reads of the last turns, the latest tokens of it; `UsageError` if the prompt is empty."""
        first = max(0, len(turns) - self.config.context.turns)
        ids = [self._encoded(text) for text in turns[first:]]
        if not ids or not ids[-1]:
            raise UsageError("nothing to answer: the text holds no words; type some")
        return source_ids(ids, own[first:], self.config.context)

    def answer_ids(
        self,
        context_ids: Sequence[int],
        settings: DecodingSettings,
        stop: Callable[[], bool] | None = None,
        shown: Sequence[str] = (),
        rank: int = 0,
    ) -> Reply:
        """Reply to a context as the encoder reads it; settings.seed must be set.

        The best hypothesis from place `rank` on whose text is not among `shown`. A receipt's (context_ids, settings,
        rank) give its words again.
        """
        if settings.seed is None:
            raise ValueError("settings.seed must be set")
        began, stopped = time.perf_counter(), False

        def noted_stop() -> bool:
            nonlocal stopped
            stopped = stopped or bool(stop and stop())
            return stopped

        found = decode(self.stepper, [context_ids], settings, [settings.seed], noted_stop if stop else None)[0]
        choices = self._choices(found)
        ranks = [place for place, (text, _) in enumerate(choices) if place >= rank and text not in shown]
        if not ranks:
            raise ChatbotError("no other reply found: raise beam_size, or set temperature above 0")
        text, chosen = choices.pop(ranks[0])
        return Reply(
            text=text,
            token_ids=chosen.ids,
            tokens=tuple(self.tokenizer.pieces(chosen.ids)),
            token_log_probs=chosen.token_log_probs,
            score=chosen.score,
            alternatives=tuple(Alternative(other, one.score, one.log_prob) for other, one in choices),
            settings=settings,
            seed=settings.seed,
            fingerprint=self.fingerprint,
            model=self.name,
            context_ids=tuple(context_ids),
            seconds=time.perf_counter() - began,
            complete=not stopped,
            rank=ranks[0],
        )

    def _choices(self, found: Sequence[Hypothesis]) -> Choices:
        """Hypotheses with their texts, best first; blank ones and those that read the same left out, but never all."""
        texts: dict[str, Hypothesis] = {}
        for hypothesis in found:
            text = self.tokenizer.decode(hypothesis.ids).strip()
            if text:
                texts.setdefault(text, hypothesis)
        return list(texts.items()) or [(SILENCE, found[0])]

    def _encoded(self, text: str) -> list[int]:
        """Ids of a text; only the end of a very long one, whose ids are more than any source keeps."""
        longest = CHARACTERS_PER_TOKEN * self.config.context.max_source_length
        text = well_formed(text)
        if len(text) > longest:
            text = " ".join(text.split())[-longest:]
        return self.tokenizer.encode(text)

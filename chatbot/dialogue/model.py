"""A loaded model that answers: turns in, a `Reply` with its receipt out. Remembers no dialogue."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, cast

from chatbot.bundle.config import BundleConfig
from chatbot.data.context import source_ids
from chatbot.decoding.certain import OnTokens
from chatbot.decoding.parallel import in_parallel
from chatbot.decoding.search import decode, widened
from chatbot.decoding.stepper import Scorer
from chatbot.dialogue.asked import Asked, Context, Stop
from chatbot.dialogue.choices import Choice, choices
from chatbot.dialogue.copying import source_words
from chatbot.dialogue.reply import Alternative, Reply
from chatbot.dialogue.reranking import reranked, reverse_model, weights
from chatbot.dialogue.seeds import seed_for
from chatbot.dialogue.streaming import OnText, TextStream
from chatbot.dialogue.wellformed import well_formed
from chatbot.dialogue.words import rules_for
from chatbot.errors import ChatbotError, UsageError
from chatbot.settings import DecodingSettings, from_mapping
from chatbot.text.tokenizer import Tokenizer

CHARACTERS_PER_TOKEN = 100  # of a long text, the last max_source_length times this many characters are read
TOGETHER = 64  # contexts searched at once; each core takes some
SPARE_BEAMS = 4  # a search for words not yet shown keeps this many hypotheses more than were shown


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that a reply depends on but the turns, the settings and the seed."""

    name: str
    fingerprint: str
    config: BundleConfig
    tokenizer: Tokenizer
    stepper: Scorer
    settings: DecodingSettings  # the bundle's defaults

    @classmethod
    def load(cls, name: str | None = None) -> Self:
        """Find, load and check a model; None is the default one, `name` what `bundle.locate.find_model` takes.

        Raises `BundleError` or `UsageError` of one line.
        """
        from chatbot.bundle.loading import load_bundle
        from chatbot.bundle.locate import find_model
        from chatbot.bundle.of_task import wrong_task
        from chatbot.inference.loading import speaker_of

        path = find_model(name)
        bundle = load_bundle(path)
        config = bundle.config
        if config.task != "dialogue":
            raise wrong_task(name or str(path), config.task, "dialogue")
        stepper = cast(Scorer, speaker_of(bundle))  # its steps take no state but its own
        settings = from_mapping(DecodingSettings, config.decoding, f"{path}: decoding")
        return cls(config.name, bundle.fingerprint, config, bundle.tokenizer, stepper, settings)

    def answer(
        self,
        turns: Sequence[str],
        own: Sequence[bool],
        settings: DecodingSettings,
        seed: int | None = None,
        stop: Stop | None = None,
        shown: Sequence[str] = (),
        on_text: OnText | None = None,
    ) -> Reply:
        """Reply to the last of `turns`; `own[i]` says that turn i was spoken by the bot.

        Without `seed`, settings.seed is used, and without that a fresh one. `shown` are texts that the reply must
        differ from. `on_text` gets the reply's text part by part, each as soon as it is certain. Raises `UsageError`
        where there is nothing to answer, `ChatbotError` where no other reply is found.
        """
        context = self.context(turns, own)
        if shown:
            settings = widened(settings, len(shown) + SPARE_BEAMS)
        seed = seed_for(settings) if seed is None else seed
        return self.answer_ids(context.ids, replace(settings, seed=seed), stop, shown, 0, context.words, on_text)

    def answer_each(
        self, contexts: Sequence[Context], settings: DecodingSettings, seeds: Sequence[int], stop: Stop | None = None
    ) -> list[Reply]:
        """The reply to each context with its seed, all searched for together; `seconds` is each one's share."""
        began, asked = time.perf_counter(), Asked(stop)
        by_length = sorted(range(len(contexts)), key=lambda number: len(contexts[number].ids))
        jobs = [by_length[first : first + TOGETHER] for first in range(0, len(by_length), TOGETHER)]

        def answered(numbers: list[int]) -> list[Reply]:
            some, own = [contexts[number] for number in numbers], [seeds[number] for number in numbers]
            return self._replies(some, [replace(settings, seed=seed) for seed in own], asked, (), 0, None)

        found: dict[int, Reply] = {}
        for numbers, replies in zip(jobs, in_parallel(answered, jobs), strict=True):
            found.update(zip(numbers, replies, strict=True))
        spent = (time.perf_counter() - began) / max(1, len(contexts))
        return [replace(found[number], seconds=spent) for number in range(len(contexts))]

    def answer_ids(
        self,
        context_ids: Sequence[int],
        settings: DecodingSettings,
        stop: Stop | None = None,
        shown: Sequence[str] = (),
        rank: int = 0,
        words: Sequence[str] = (),
        on_text: OnText | None = None,
    ) -> Reply:
        """Reply to a context as the encoder reads it, and its `words` for `copy_unknown`; settings.seed must be set.

        The best hypothesis from place `rank` on whose text is not among `shown`. A receipt's (context_ids, settings,
        rank, context_words) give its words again.
        """
        if settings.seed is None:
            raise ValueError("settings.seed must be set")
        began, asked = time.perf_counter(), Asked(stop)
        stream = TextStream(self.tokenizer, on_text) if on_text else None
        hear = stream.hear if stream and not (shown or rank or weights(settings)) else None
        context = Context(tuple(context_ids), tuple(words))
        (reply,) = self._replies([context], [settings], asked, shown, rank, hear)
        if stream:
            stream.finish(reply.text)
        return replace(reply, seconds=time.perf_counter() - began)

    def _replies(
        self,
        contexts: Sequence[Context],
        settings: Sequence[DecodingSettings],
        asked: Asked,
        shown: Sequence[str],
        rank: int,
        hear: OnTokens | None,
    ) -> list[Reply]:
        """The reply to each context; the settings differ in their seeds alone."""
        sources, seeds, how = [context.ids for context in contexts], [one.seed or 0 for one in settings], settings[0]
        rules = rules_for(self.tokenizer, how)
        found = decode(self.stepper, sources, how, seeds, asked.callback, rules, hear)
        read = [choices(some, self.tokenizer, how, one.words) for some, one in zip(found, contexts, strict=True)]
        best = reranked(read, self, sources, how)
        return [
            self._reply(context, some, own, shown, rank, asked.stopped)
            for context, some, own in zip(contexts, best, settings, strict=True)
        ]

    def _reply(
        self,
        context: Context,
        best: list[Choice],
        settings: DecodingSettings,
        shown: Sequence[str],
        rank: int,
        stopped: bool,
    ) -> Reply:
        """The best choice from place `rank` on that was not shown; the others are its alternatives."""
        ranks = [place for place, one in enumerate(best) if place >= rank and one.text not in shown]
        if not ranks:
            raise ChatbotError("no other reply found: raise beam_size, or set temperature above 0")
        chosen = best.pop(ranks[0])
        return Reply(
            text=chosen.text,
            token_ids=chosen.hypothesis.ids,
            tokens=tuple(self.tokenizer.pieces(chosen.hypothesis.ids)),
            token_log_probs=chosen.hypothesis.token_log_probs,
            score=chosen.score,
            alternatives=tuple(Alternative(o.text, o.score, o.hypothesis.log_prob, o.parts) for o in best),
            settings=settings,
            seed=settings.seed or 0,
            fingerprint=self.fingerprint,
            model=self.name,
            context_ids=context.ids,
            seconds=0.0,
            complete=not stopped,
            rank=ranks[0],
            context_words=context.words if settings.copy_unknown else (),
            parts=chosen.parts,
            reverse_fingerprint=reverse_model(settings.reverse_model).fingerprint if settings.rerank_reverse else "",
        )

    def log_prob(self, prompt: str, reply: str) -> float:
        """The natural-log probability of `reply`, its end counted, to a prompt that opens a conversation."""
        source = self.context([prompt], [False]).ids
        return float(self.stepper.score([source], [self.tokenizer.encode(well_formed(reply))])[0].sum(dtype=float))

    def context(self, turns: Sequence[str], own: Sequence[bool]) -> Context:
        """What the encoder reads of the last turns, the latest tokens of it; `UsageError` if the prompt is empty."""
        first = max(0, len(turns) - self.config.context.turns)
        texts = [self._readable(text) for text in turns[first:]]
        ids = [self.tokenizer.encode(text) for text in texts]
        if not ids or not ids[-1]:
            raise UsageError("nothing to answer: the text holds no words; type some")
        words = source_words(texts, ids, self.config.context) if self.tokenizer.kind == "word" else ()
        return Context(tuple(source_ids(ids, own[first:], self.config.context)), words)

    def context_ids(self, turns: Sequence[str], own: Sequence[bool]) -> list[int]:
        """The ids of `context`."""
        return list(self.context(turns, own).ids)

    def _readable(self, text: str) -> str:
        """A text; only the end of a very long one, whose ids are more than any source keeps."""
        longest = CHARACTERS_PER_TOKEN * self.config.context.max_source_length
        text = well_formed(text)
        return text if len(text) <= longest else " ".join(text.split())[-longest:]


def answers_of(
    model: Model, settings: DecodingSettings
) -> Callable[[Sequence[Sequence[int]], Sequence[int]], list[str]]:
    """A function from source ids and seeds to the texts that a conversation under these settings would reply."""

    def answer(sources: Sequence[Sequence[int]], seeds: Sequence[int]) -> list[str]:
        contexts = [Context(tuple(ids)) for ids in sources]
        return [reply.text for reply in model.answer_each(contexts, settings, seeds)]

    return answer

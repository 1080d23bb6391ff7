"""A text in one language -> the same in another, by a model for these two or by two models through English."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from chatbot.bundle.of_task import HOW_TO_PREPARE, models_for
from chatbot.data.context import ContextSettings, source_ids
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.decoding.search import decode, widened
from chatbot.decoding.stepper import Scorer
from chatbot.dialogue.seeds import seed_for
from chatbot.dialogue.wellformed import well_formed
from chatbot.dialogue.words import rules_for
from chatbot.errors import UsageError
from chatbot.settings import DecodingSettings, suggest
from chatbot.side.loading import checked_stepper, default_settings, load_for
from chatbot.side.splitting import pieces
from chatbot.text.tokenizer import Tokenizer

PIVOT = "en"
TOGETHER = 64  # texts translated at once
TIMES, SPARE = 3, 16  # a translation has at most TIMES the tokens of its source, and SPARE more, about

Stop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Translation:
    """What a text became. `log_probs` are those of its tokens, then of its end; `via` is the text in between, if any.

    `alternatives` are the next best, best first. Of a text without words nothing is known but that it says nothing.
    `finished` tells whether it came to its end, and was not cut by max_length, or for being many times as long as its
    source.
    """

    text: str
    score: float = 0.0
    log_probs: tuple[float, ...] = ()
    alternatives: tuple[Translation, ...] = ()
    via: str = ""
    finished: bool = True


@dataclass(frozen=True, slots=True)
class Translator:
    """A model that translates from `source` to `target`, both codes such as "en"."""

    name: str
    fingerprint: str
    source: str
    target: str
    settings: DecodingSettings  # the bundle's defaults
    context: ContextSettings
    tokenizer: Tokenizer
    stepper: Scorer

    @classmethod
    def load(cls, name: str | None = None) -> Self:
        """Find, load and check a model; None is the first translation model there is.

        Raises `BundleError` or `UsageError` of one line.
        """
        bundle = load_for("translation", name)
        config = bundle.config
        source, target = config.languages
        settings, stepper = default_settings(bundle), checked_stepper(bundle)
        return cls(config.name, bundle.fingerprint, source, target, settings, config.context, bundle.tokenizer, stepper)

    def translate(
        self,
        texts: Sequence[str],
        settings: DecodingSettings | None = None,
        stop: Stop | None = None,
        n_best: int = 1,
    ) -> list[Translation]:
        """Each text in the other language, all searched for together; `n_best` - 1 alternatives each, as far as found.

        A text is translated sentence by sentence, and a sentence longer than the model reads in parts. The second best
        of a text of several sentences is made of the second best of each.
        """
        settings = widened(settings or self.settings, n_best)
        most = self.context.max_source_length
        cut = [pieces(well_formed(text), self._length, most) or [""] for text in texts]
        parts = self._each([part for parts in cut for part in parts], settings, stop, n_best)
        found, first = [], 0
        for several in cut:
            found.append(_joined(parts[first : first + len(several)]))
            first += len(several)
        return found

    def _each(
        self, texts: Sequence[str], settings: DecodingSettings, stop: Stop | None, n_best: int
    ) -> list[Translation]:
        """As `translate`, of texts that the model can read as a whole, or nearly."""
        encoded = [self.tokenizer.encode(text) for text in texts]
        asked = [number for number, ids in enumerate(encoded) if ids]
        sources = [source_ids([encoded[number]], [False], self.context) for number in asked]
        found = [Translation("")] * len(texts)
        seed, rules = seed_for(settings), rules_for(self.tokenizer, settings)
        hypotheses: dict[int, list[Hypothesis]] = {}
        for limited, places in _by_limit(settings, sources):
            some = [sources[place] for place in places]
            searched = decode(self.stepper, some, limited, [seed] * len(some), stop, rules)
            hypotheses |= zip(places, searched, strict=True)
        for place, number in enumerate(asked):
            several = hypotheses[place]
            known: dict[str, Translation] = {}
            for one in several:
                text = self.tokenizer.decode(one.ids).strip()
                known.setdefault(text, Translation(text, one.score, one.token_log_probs, finished=one.finished))
            best, *others = list(known.values())[:n_best]
            found[number] = replace(best, alternatives=tuple(others))
        return found

    def _length(self, text: str) -> int:
        return len(self.tokenizer.encode(text))


@dataclass(frozen=True, slots=True)
class Pivot:
    """Two translators in a row, the first one's target being the second one's source."""

    first: Translator
    second: Translator

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first.name}+{self.second.name}"

    @property
    def fingerprint(self) -> str:
        """Both fingerprints."""
        return f"{self.first.fingerprint}+{self.second.fingerprint}"

    @property
    def source(self) -> str:
        """The code of the language it reads."""
        return self.first.source

    @property
    def target(self) -> str:
        """The code of the language it says."""
        return self.second.target

    @property
    def settings(self) -> DecodingSettings:
        """The defaults of the second one."""
        return self.second.settings

    def translate(
        self,
        texts: Sequence[str],
        settings: DecodingSettings | None = None,
        stop: Stop | None = None,
        n_best: int = 1,
    ) -> list[Translation]:
        """Each text in the other language; `via` holds it in the language in between."""
        between = [one.text for one in self.first.translate(texts, settings, stop)]
        found = self.second.translate(between, settings, stop, n_best)
        return [replace(one, via=via) for one, via in zip(found, between, strict=True)]


def find_translator(source: str, target: str) -> Translator | Pivot:
    """The model from `source` to `target`, or two models through English; `UsageError` says what there is."""
    pairs = {(first, second): name for name, (first, second) in reversed(_languages())}
    if not pairs:
        raise UsageError(f"no translation model is installed; {HOW_TO_PREPARE.format(task='translation')}")
    known = sorted({code for pair in pairs for code in pair})
    for code in (source, target):
        if code not in known:
            raise UsageError(f"no model knows the language {code!r:.20}; {suggest(code, known)}")
    if source == target:
        raise UsageError(f"the text is to be translated from {source} to {source}; name another language")
    if (source, target) in pairs:
        return Translator.load(pairs[source, target])
    if (source, PIVOT) in pairs and (PIVOT, target) in pairs:
        return Pivot(Translator.load(pairs[source, PIVOT]), Translator.load(pairs[PIVOT, target]))
    ways = ", ".join("-".join(pair) for pair in sorted(pairs))
    raise UsageError(f"no model translates from {source} to {target}, nor two through {PIVOT}; there are: {ways}")


def sources_for(target: str) -> list[str]:
    """The languages that a model translates from straight to `target`, English first, then the models' order."""
    found = dict.fromkeys(pair[0] for _, pair in _languages() if pair[1] == target)
    return sorted(found, key=lambda code: code != PIVOT)


def targets_for(source: str) -> list[str]:
    """The languages that a model translates to straight from `source`, in the models' order."""
    return list(dict.fromkeys(pair[1] for _, pair in _languages() if pair[0] == source))


def _by_limit(
    settings: DecodingSettings, sources: Sequence[Sequence[int]]
) -> Iterator[tuple[DecodingSettings, list[int]]]:
    """Places of sources of like length, and settings of a `max_length` that no translation of theirs comes near.

    What is longer has begun to repeat itself, and would go on. The limit depends on the source alone.
    """
    places: dict[int, list[int]] = {}
    for place, source in enumerate(sources):
        longest = -(-(TIMES * len(source) + SPARE) // SPARE) * SPARE
        places.setdefault(min(max(longest, settings.min_length), settings.max_length), []).append(place)
    for longest, some in sorted(places.items()):
        yield replace(settings, max_length=longest), some


def _languages() -> list[tuple[str, tuple[str, str]]]:
    """Name, and languages from and to, of every translation model, shipped ones first."""
    return [(name, (config.languages[0], config.languages[1])) for name, config in models_for("translation").items()]


def _joined(parts: Sequence[Translation]) -> Translation:
    """One translation of those of the sentences of a text."""
    if len(parts) == 1:
        return parts[0]
    ranked = [(part, *part.alternatives) for part in parts]
    rows = [[several[min(rank, len(several) - 1)] for several in ranked] for rank in range(max(map(len, ranked)))]
    best, *others = [
        Translation(
            " ".join(one.text for one in row if one.text),
            sum(one.score for one in row),
            tuple(log_prob for one in row for log_prob in one.log_probs),
            finished=all(one.finished for one in row),
        )
        for row in rows
    ]
    return replace(best, alternatives=tuple(others))

"""Translations, tags and generated texts kept with conversations -> made again by the models of today, and how alike.

Each kind is one entry of `KINDS`: how to make its events again, and how alike two of its results are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from chatbot.corpus.counts import Progress, silent
from chatbot.errors import ChatbotError
from chatbot.evaluation.chrf import chrf
from chatbot.replay.branches import Branch
from chatbot.replay.receipts import kept_settings
from chatbot.replay.results import SideResult
from chatbot.settings import DecodingSettings
from chatbot.side.generation import Generator
from chatbot.side.tagging import Tagger
from chatbot.side.translation import find_translator
from chatbot.store.annotations import GENERATION, TAGS, TRANSLATION
from chatbot.store.records import Annotation

Named = tuple[str, Annotation]  # the conversation's name, and one of its events
Span = tuple[Any, Any, Any]  # start and end in characters, label
Maker = Callable[[Sequence[Named]], list[SideResult]]
NO_SOURCE = "what it was made of was not kept"


def replay_side(branches: Sequence[Branch], progress: Progress = silent) -> tuple[SideResult, ...]:
    """Every side event of these conversations, made again; what cannot be says why."""
    found: list[SideResult] = []
    events = _events(branches)
    for done, (kind, some) in enumerate(events.items()):
        progress(f"making {kind} again", done, len(events))
        found += KINDS[kind](some)
    return tuple(found)


def _events(branches: Sequence[Branch]) -> dict[str, list[Named]]:
    """The events of each kind, each once, however many branches its conversation has."""
    found: dict[str, dict[tuple[str, int], Named]] = defaultdict(dict)
    for branch in branches:
        for event in branch.side:
            if event.kind in KINDS:
                found[event.kind].setdefault((branch.uid, event.id), (branch.name, event))
    return {kind: list(some.values()) for kind, some in found.items()}


def _translations(events: Sequence[Named]) -> list[SideResult]:
    """Those of the same languages and settings together."""
    found: dict[int, SideResult] = {}
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (name, event) in enumerate(events):
        source, target, text = (_text(event, key) for key in ("source", "target", "text"))
        if source and target and text:
            groups[source, target].append(place)
        else:
            found[place] = _failed(name, event, text, NO_SOURCE)
    for (source, target), places in groups.items():
        found |= _translated(events, places, source, target)
    return [found[place] for place in range(len(events))]


def _translated(events: Sequence[Named], places: Sequence[int], source: str, target: str) -> dict[int, SideResult]:
    try:
        translator = find_translator(source, target)
        alike: dict[DecodingSettings, list[int]] = defaultdict(list)
        for place in places:
            alike[_settings(events[place][1].settings, translator.settings)].append(place)
        made: dict[int, str] = {}
        for settings, some in alike.items():
            texts = [_text(events[place][1], "text") for place in some]
            made |= dict(zip(some, (one.text for one in translator.translate(texts, settings)), strict=True))
    except ChatbotError as error:
        return {place: _failed(*events[place], _text(events[place][1], "text"), str(error)) for place in places}
    return {place: _made(*events[place], "text", made[place], translator.fingerprint) for place in places}


def _generations(events: Sequence[Named]) -> list[SideResult]:
    try:
        generator = Generator.load()
    except ChatbotError as error:
        return [_failed(name, event, _text(event, "prompt"), str(error)) for name, event in events]
    return [_generated(name, event, generator) for name, event in events]


def _generated(name: str, event: Annotation, generator: Generator) -> SideResult:
    prompt = _data(event).get("prompt")
    if not isinstance(prompt, str):
        return _failed(name, event, "", NO_SOURCE)
    try:
        settings = _settings(event.settings, generator.settings)
        return _made(name, event, "prompt", generator.generate(prompt, settings).text, generator.fingerprint)
    except ChatbotError as error:
        return _failed(name, event, prompt, str(error))


def _tags(events: Sequence[Named]) -> list[SideResult]:
    """All texts together."""
    texts = [_text(event, "text") for _, event in events]
    try:
        tagger = Tagger.load()
        found = tagger.tag(texts)
    except ChatbotError as error:
        return [_failed(name, event, text, str(error)) for (name, event), text in zip(events, texts, strict=True)]
    results = []
    for (name, event), text, spans in zip(events, texts, found, strict=True):
        old = _spans(event)
        if not text or old is None:
            results.append(_failed(name, event, text, NO_SOURCE))
            continue
        new = {(span.start, span.end, span.label) for span in spans}
        shown = "; ".join(f"{span.label}: {span.text}" for span in spans) if new != old else event.text or ""
        alike = tagger.fingerprint == event.fingerprint
        results.append(SideResult(name, event.kind, text, event.text or "", shown, 100 * span_f1(new, old), alike))
    return results


def _spans(event: Annotation) -> set[Span] | None:
    """The spans that were kept; None where they are not what a tagger gives."""
    kept = _data(event).get("spans")
    if not isinstance(kept, list) or not all(isinstance(one, dict) for one in kept):
        return None
    spans = [(one.get("start"), one.get("end"), one.get("label")) for one in kept]
    fit = all(type(a) is int and type(b) is int and isinstance(label, str) for a, b, label in spans)
    return set(spans) if fit else None


def span_f1(found: Set[Span], wanted: Set[Span]) -> float:
    """F1 of spans that agree in both ends and label, as conlleval counts them; 1 where neither side has any."""
    return 2 * len(found & wanted) / (len(found) + len(wanted)) if found or wanted else 1.0


def _settings(kept: Mapping[str, Any] | None, default: DecodingSettings) -> DecodingSettings:
    """The settings of an event, with a seed; what this version does not know of them is left out."""
    settings, _ = kept_settings(kept, default)
    return settings if settings.seed is not None else replace(settings, seed=0)


def _made(name: str, event: Annotation, key: str, new: str, fingerprint: str) -> SideResult:
    old = event.text or ""
    likeness = 100.0 if new == old else chrf(new, old)
    return SideResult(name, event.kind, _text(event, key), old, new, likeness, fingerprint == event.fingerprint)


def _failed(name: str, event: Annotation, said: str, why: str) -> SideResult:
    return SideResult(name, event.kind, said, event.text or "", None, None, False, why)


def _data(event: Annotation) -> Mapping[str, Any]:
    return event.data if isinstance(event.data, dict) else {}


def _text(event: Annotation, key: str) -> str:
    value = _data(event).get(key)
    return value if isinstance(value, str) else ""


KINDS: dict[str, Maker] = {TRANSLATION: _translations, GENERATION: _generations, TAGS: _tags}

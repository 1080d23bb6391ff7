"""Commands that make something of a text: /translate, /tag and /generate; all of it is kept with the conversation."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chatbot.errors import UsageError
from chatbot.repl.behind import looking
from chatbot.repl.commands import Choices, Command
from chatbot.repl.loading import Stop
from chatbot.repl.recording import history_of, no_history
from chatbot.repl.talk import Shown, Talk
from chatbot.repl.view import View

if TYPE_CHECKING:
    from chatbot.dialogue.reply import Reply
    from chatbot.side.generation import Generator
    from chatbot.side.tagging import Tagger
    from chatbot.side.translation import Pivot, Translator

OFF = "off"


@lru_cache(maxsize=4)
def translator_to(target: str) -> Translator | Pivot:
    """The translator to a language, from English where there is one; kept for the next time."""
    from chatbot.side.translation import PIVOT, find_translator, sources_for

    return find_translator(next(iter(sources_for(target)), PIVOT), target)


@lru_cache(maxsize=1)
def _generator() -> Generator:
    from chatbot.side.generation import Generator

    return Generator.load()


@lru_cache(maxsize=1)
def _tagger() -> Tagger:
    from chatbot.side.tagging import Tagger

    return Tagger.load()


def _translate(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.store.annotations import TRANSLATION

    target, _, given = text.partition(" ")
    if not target:
        raise UsageError(
            "/translate takes a language, and perhaps a text: /translate fr, or /translate fr Good morning."
        )
    original = given.strip() or _last_text(talk, "/translate fr Good morning.")
    translator = translator_to(target.lower())
    (found,) = translator.translate([original], stop=stop)
    languages = {"source": translator.source, "target": translator.target}
    data = {**languages, "text": original, "via": found.via, "score": found.score, "model": translator.name}
    if not stop():
        _keep(talk, TRANSLATION, found.text, not given, translator, dataclasses.asdict(translator.settings), data)
    return _shown(f"{translator.target}> ", found.text or "(nothing)")


def _generate(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.store.annotations import GENERATION

    generator = _generator()
    prompt = text or _last_text(talk, "/generate Once upon a time")
    found = generator.generate(prompt, seed=talk.settings.seed, stop=stop)
    data = {"prompt": prompt, "token_ids": found.token_ids, "seed": found.seed, "model": generator.name}
    if not stop():
        _keep(talk, GENERATION, found.text, not text, generator, dataclasses.asdict(found.settings), data)
    return _shown("", found.text)


def _tag(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.store.annotations import TAGS

    tagger = _tagger()
    original = text or _last_text(talk, "/tag John works at Google in New York")
    (spans,) = tagger.tag([original])
    found = "; ".join(f"{span.label}: {span.text}" for span in spans)
    data = {"text": original, "spans": [dataclasses.asdict(span) for span in spans], "model": tagger.name}
    if not stop():
        _keep(talk, TAGS, found, not text, tagger, {}, data)
    return _shown("", found or "(no names)")


def translate_replies(talk: Talk, target: str) -> None:
    """From now on show each reply in `target` as well, and keep the translation; `off` ends it, "" says how it is."""
    target = target.lower()
    if target == OFF:
        talk.translated, talk.after = "", lambda reply, stop: reply
    elif target:
        translator_to(target)  # an error now rather than with the next reply
        talk.translated, talk.after = target, lambda reply, stop: _with_translation(talk, reply, target, stop)
    talk.view.note(f"translate is {talk.translated or OFF}{_taken_for(talk.translated)}")


def _taken_for(target: str) -> str:
    """What language replies are taken for, where that is not English."""
    from chatbot.text.languages import language_name

    source = translator_to(target).source if target else "en"
    return "" if source == "en" else f"; replies are taken for {language_name(source)}"


def _with_translation(talk: Talk, reply: Reply, target: str, stop: Stop) -> Reply | Shown:
    """A reply and its translation; one that was stopped stays alone."""
    if not reply.complete or stop():
        return reply
    translated = _translate(talk, target, stop)

    def show(view: View) -> None:
        view.reply(reply.text, reply.complete)
        translated(view)

    return show


def _last_text(talk: Talk, example: str) -> str:
    """The text of the reply that stands last."""
    turns = talk.conversation.result().turns if talk.turns else ()
    if not turns:
        raise UsageError(f"there is no reply yet; give a text, such as: {example}")
    return turns[-1].reply.text


def _keep(
    talk: Talk,
    kind: str,
    text: str,
    of_reply: bool,
    model: Translator | Pivot | Generator | Tagger,
    settings: dict[str, Any],
    data: dict[str, Any],
) -> None:
    """Keep what was made, with the reply it was made of or else with the conversation; nothing where none is kept."""
    from chatbot.store.annotations import annotate
    from chatbot.store.recorded import RecordedDialogue

    dialogue = talk.conversation.result()
    if no_history(talk) or talk.private or talk.number is None or not isinstance(dialogue, RecordedDialogue):
        return
    reply = dialogue.last[1] if of_reply and dialogue.last else None
    history, fingerprint = history_of(talk), model.fingerprint
    annotate(history, talk.number, kind, text, reply_id=reply, fingerprint=fingerprint, settings=settings, data=data)


def _shown(label: str, text: str) -> Shown:
    def show(view: View) -> None:
        view.note(label + text)

    return show


def languages(talk: Talk, words: list[str]) -> Choices:
    """The languages that replies can be translated to."""
    if len(words) != 1:
        return ()
    from chatbot.bundle.of_task import models_for
    from chatbot.text.languages import language_name

    targets = dict.fromkeys(config.languages[1] for config in models_for("translation").values())
    return [(code, language_name(code)) for code in targets]


TRANSLATE = Command(
    "translate",
    "LANG [TEXT]",
    "the last reply, or a text, in another language",
    looking(_translate),
    choices=languages,
)
TAG = Command("tag", "[TEXT]", "the names in the last reply, or in a text", looking(_tag))
GENERATE = Command("generate", "[TEXT]", "how the last reply, or a text, might go on", looking(_generate))

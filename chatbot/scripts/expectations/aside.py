"""Expectations on what other models make of a reply: its translation, and the names in it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.wording import check_text, on_text, plain
from chatbot.scripts.mappings import Fields, Labelled
from chatbot.scripts.shapes import OneOrMore, Text
from chatbot.terminal import one_line

if TYPE_CHECKING:
    from chatbot.side.tagging import Tagger
    from chatbot.side.translation import Pivot, Translator

ENGLISH = "en"
KEPT = 4  # models held in memory


def _translation(argument: dict[str, Any], evidence: Evidence) -> Found:
    translator = translator_for(argument.get("from", ENGLISH), argument["to"])
    text = translator.translate([evidence.text])[0].text
    found = check_text({name: value for name, value in argument.items() if name not in ("from", "to")}, text)
    return Found(found.holds, f'becomes "{one_line(text)}" in {argument["to"]}, which {found.what}')


@lru_cache(maxsize=KEPT)
def translator_for(source: str, target: str) -> Translator | Pivot:
    """The model between two languages, held in memory; `UsageError` where there is none."""
    from chatbot.side.translation import find_translator

    return find_translator(source, target)


def _tags(argument: dict[str, tuple[str, ...]], evidence: Evidence) -> Found:
    spans = tagger().tag([evidence.text])[0]
    found = {(span.label, plain(span.text)) for span in spans}
    missing = [(label, text) for label, texts in argument.items() for text in texts]
    missing = [(label, text) for label, text in missing if (label, plain(text)) not in found]
    seen = ", ".join(f'"{one_line(span.text)}" as {one_line(span.label)}' for span in spans) or "nothing"
    lacking = "".join(f', and not "{one_line(text)}" as {one_line(label)}' for label, text in missing[:1])
    return Found(not missing, f"has {seen}{lacking}")


@lru_cache(maxsize=1)
def tagger() -> Tagger:
    """The first tagger there is, held in memory; `UsageError` where there is none."""
    from chatbot.side.tagging import Tagger

    return Tagger.load()


KINDS = (
    Kind(
        "translation",
        "what a translation model makes of the reply, `from` English where no other language is named",
        Fields({"to": Text(), "from": Text(), **on_text()}, ("to",), least=2),
        _translation,
    ),
    Kind("tags", "names that a tagger finds in it, with these labels", Labelled("LABEL", OneOrMore(Text())), _tags),
)

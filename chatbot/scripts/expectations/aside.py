"""Expectations on what other models make of a reply: its translation."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.wording import check_text, on_text
from chatbot.scripts.mappings import Fields
from chatbot.scripts.shapes import Text
from chatbot.terminal import one_line

if TYPE_CHECKING:
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


KINDS = (
    Kind(
        "translation",
        "what a translation model makes of the reply, `from` English where no other language is named",
        Fields({"to": Text(), "from": Text(), **on_text()}, ("to",), least=2),
        _translation,
    ),
)

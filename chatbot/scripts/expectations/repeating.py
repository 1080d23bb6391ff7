"""Expectations on what a reply says again: itself, an earlier reply, what was said to it, a line it learned from."""

from __future__ import annotations

import re

from chatbot.scripts.evidence import Evidence
from chatbot.scripts.expectations.kind import Found, Kind
from chatbot.scripts.expectations.lines import holds_line
from chatbot.scripts.expectations.wording import plain
from chatbot.scripts.quantities import Number
from chatbot.scripts.shapes import Choice, Either, Folder, OneOrMore, Yes
from chatbot.terminal import one_line
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.words import WORD

SIZE = 3  # words said twice running
UNKNOWN = (SPECIAL_PIECES[UNK_ID], "\ufffd")
ALL, USER = "all", "user"
_WORD = re.compile(WORD)


def _no_unknown(_: bool, evidence: Evidence) -> Found:
    found = [mark for mark in UNKNOWN if mark in evidence.text]
    return Found(not found, f"holds {found[0]}" if found else "holds no unknown words")


def _no_repeat(_: bool, evidence: Evidence) -> Found:
    for number, earlier in enumerate(evidence.earlier, start=1):
        if plain(earlier) == plain(evidence.text):
            return Found(False, f"is that of turn {number} again")
    twice = repeated_words(evidence.text)
    return Found(not twice, f'says "{one_line(twice)}" twice' if twice else "says nothing twice")


def repeated_words(text: str) -> str:
    """The first three words in a row, marks left out, that a text says twice; "" for none."""
    words = [word for word in _WORD.findall(text.casefold()) if word[0].isalnum()]
    seen = set()
    for start in range(len(words) - SIZE + 1):
        run = tuple(words[start : start + SIZE])
        if run in seen:
            return " ".join(run)
        seen.add(run)
    return ""


def _differs_from(argument: tuple[int | str, ...], evidence: Evidence) -> Found:
    texts = _others(argument, evidence)
    for name, text in texts.items():
        if plain(text) == plain(evidence.text):
            return Found(False, f"is {name} again")
    return Found(True, f"differs from {', '.join(texts)}" if texts else "is the first one")


def _others(argument: tuple[int | str, ...], evidence: Evidence) -> dict[str, str]:
    """What it must differ from, by a name for it."""
    earlier = {number: text for number, text in enumerate(evidence.earlier, start=1)}
    numbers = earlier if ALL in argument else [one for one in argument if isinstance(one, int)]
    texts = {f"that of turn {number}": earlier[number] for number in numbers if number in earlier}
    return texts | ({"what was said to it": evidence.turns[-1].text} if USER in argument else {})


def _from_corpus(argument: str, evidence: Evidence) -> Found:
    holds = holds_line(argument, evidence.text)
    return Found(holds, f"is {'' if holds else 'not '}a line of {one_line(argument)}")


KINDS = (
    Kind("no_unknown", "it holds no unknown word and no broken character", Yes(), _no_unknown),
    Kind("no_repeat", f"it is no earlier reply, and says no {SIZE} words in a row twice", Yes(), _no_repeat),
    Kind(
        "differs_from",
        "it is not the reply of turn N, of any turn before (all), or what was just said to it (user)",
        OneOrMore(Either((Number(1, whole=True), Choice((ALL, USER))))),
        _differs_from,
    ),
    Kind(
        "from_corpus",
        "it is, word for word, a line of a prepared dataset or a raw corpus; mostly used as not_from_corpus",
        Folder(),
        _from_corpus,
    ),
)

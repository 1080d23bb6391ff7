"""Words that a model of whole words does not know: underlined while they are typed, and the nearest known ones offered.

Models with pieces of words know every word; for them, and for commands, nothing is marked.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from chatbot.repl.commands import is_command
from chatbot.repl.talk import Talk

if TYPE_CHECKING:
    from chatbot.text.tokenizer import Tokenizer

OFFERED = 5
CLOSE = 0.6  # of 1, how alike two words must be (difflib's ratio)
LONGER = 2  # letters that a word offered may have more, or fewer


def tokenizer_of(talk: Talk) -> Tokenizer | None:
    """The tokenizer of a model of whole words, once it is loaded."""
    tokenizer = talk.model.result().tokenizer if talk.loaded else None
    return tokenizer if tokenizer and tokenizer.kind == "word" else None


def unknown_words(tokenizer: Tokenizer, line: str) -> Iterator[tuple[int, int]]:
    """Where each unknown word of a line begins and ends."""
    from chatbot.text.special import UNK_ID

    for word in re.finditer(r"\w+(?:'\w+)*", line):
        if UNK_ID in tokenizer.encode(word[0]):
            yield word.start(), word.end()


def nearest(tokenizer: Tokenizer, word: str) -> list[str]:
    """The known words most like one, the likest first."""
    known = [one for one in _vocabulary(tokenizer) if abs(len(one) - len(word)) <= LONGER]
    return difflib.get_close_matches(word, known, OFFERED, CLOSE) or difflib.get_close_matches(
        word.lower(), known, OFFERED, CLOSE
    )


def _vocabulary(tokenizer: Tokenizer) -> tuple[str, ...]:
    from chatbot.text.special import SPECIAL_PIECES

    pieces = tokenizer.pieces(range(len(SPECIAL_PIECES), tokenizer.size))
    return tuple(piece for piece in pieces if piece[:1].isalpha())


def word_choices(talk: Talk, before: str) -> tuple[int, list[str]]:
    """The length of an unknown word that ends where the cursor is, and the known words nearest to it."""
    tokenizer = tokenizer_of(talk)
    places = list(unknown_words(tokenizer, before)) if tokenizer else []
    if not tokenizer or not places or places[-1][1] != len(before):
        return 0, []
    word = before[places[-1][0] :]
    return len(word), nearest(tokenizer, word)


class UnknownWords(Lexer):
    """Styles what is typed: unknown words as `class:unknown`, the rest as it is."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """The styled parts of each line."""
        tokenizer = None if is_command(document.text) else tokenizer_of(self.talk)

        def styled(number: int) -> StyleAndTextTuples:
            line = document.lines[number]
            parts: StyleAndTextTuples = []
            end = 0
            for start, after in unknown_words(tokenizer, line) if tokenizer else ():
                parts += [("", line[end:start]), ("class:unknown", line[start:after])]
                end = after
            return [*parts, ("", line[end:])]

        return styled

    def invalidation_hash(self) -> Hashable:
        """Another model knows other words."""
        return id(tokenizer_of(self.talk))

"""Which dialogues to run: words joined by and, or, not and brackets -> yes or no for each. Nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from chatbot.errors import UsageError

Test = Callable[[Callable[[str], bool]], bool]  # asks its argument about each word
LONGEST = 1000  # characters of an expression, so that no nesting of brackets exhausts the stack
_TOKEN = re.compile(r"""\s*(?:([()])|"([^"]*)"|'([^']*)'|([^\s()"']+))""")
_JOINING = {"and", "or", "not"}


def chooser(expression: str) -> Test:
    """An expression, read: `Test(holds)` is its truth where `holds(word)` is that of each word.

    Words beside each other are quoted ("how are you") or joined; `not` binds closest, then `and`, then `or`.
    Raises `UsageError` of one line.
    """
    if len(expression) > LONGEST:
        raise UsageError(f"an expression has at most {LONGEST} characters, but this one has {len(expression)}")
    tokens = _Tokens(expression)
    found = _either(tokens)
    if (left := tokens.next()) is not None:
        raise tokens.wrong(f"'and' or 'or' before {left[1]!r}")
    return found


def by_name(expression: str) -> Callable[[str], bool]:
    """Whether a name holds the words of an expression, whatever their case."""
    test = chooser(expression)
    return lambda name: test(lambda word: word.casefold() in name.casefold())


def by_tags(expression: str) -> Callable[[Collection[str]], bool]:
    """Whether tags are those that an expression asks for; commas between tags mean `or`."""
    test = chooser(" or ".join(part.strip() for part in expression.split(",")) if "," in expression else expression)
    return lambda tags: test(lambda word: word in tags)


class _Tokens:
    """The words, joints and brackets of an expression, one at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left: list[tuple[str, str]] = []
        place = 0
        while text[place:].strip():
            match = _TOKEN.match(text, place)
            if not match:
                raise self.wrong("a closing quote")
            bracket, double, single, word = match.groups()
            quoted = double if double is not None else single
            self.left.append(("word", quoted) if quoted is not None else _kind(bracket or word))
            place = match.end()

    def next(self) -> tuple[str, str] | None:
        """The next token, taken; None at the end."""
        return self.left.pop(0) if self.left else None

    def take(self, kind: str) -> bool:
        """Take the next token if it is of this kind."""
        if self.left and self.left[0][0] == kind:
            self.left.pop(0)
            return True
        return False

    def wrong(self, expected: str) -> UsageError:
        """The error that something else should stand here."""
        return UsageError(f"cannot read the expression {self.text!r}: expected {expected}")


def _kind(text: str) -> tuple[str, str]:
    return (text, text) if text in _JOINING or text in "()" else ("word", text)


def _either(tokens: _Tokens) -> Test:
    tests = [_both(tokens)]
    while tokens.take("or"):
        tests.append(_both(tokens))
    return lambda holds: any(test(holds) for test in tests)


def _both(tokens: _Tokens) -> Test:
    tests = [_one(tokens)]
    while tokens.take("and"):
        tests.append(_one(tokens))
    return lambda holds: all(test(holds) for test in tests)


def _one(tokens: _Tokens) -> Test:
    if tokens.take("not"):
        inner = _one(tokens)
        return lambda holds: not inner(holds)
    if tokens.take("("):
        inner = _either(tokens)
        if not tokens.take(")"):
            raise tokens.wrong("a closing bracket")
        return inner
    kind, text = tokens.next() or ("", "")
    if kind != "word":
        raise tokens.wrong(f"a word before {text!r}" if text else "a word at the end")
    return lambda holds: holds(text)

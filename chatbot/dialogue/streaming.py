"""Token ids as they become certain -> text as it becomes certain, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable

from chatbot.decoding.certain import agreed
from chatbot.text.tokenizer import Tokenizer

OnText = Callable[[str], None]
"""Called with the next part of a reply's text."""

_UNCERTAIN = re.compile("[<&`\ufffd]")  # half a character, `<unk>`, or what normalising may yet take away


class TextStream:
    """Passes a growing text on, never half a character; what was passed on stays as it is."""

    def __init__(self, tokenizer: Tokenizer, on_text: OnText) -> None:
        self.tokenizer = tokenizer
        self.on_text = on_text
        self.said = ""

    def hear(self, ids: tuple[int, ...]) -> None:
        """All ids so far. The text of the last one waits for the next, which may change it (an accent, a quote)."""
        before, now = (self.tokenizer.decode(some).strip() for some in (ids[:-1], ids))
        self.finish(_UNCERTAIN.split(agreed([before, now]), maxsplit=1)[0])

    def finish(self, text: str) -> None:
        """The text so far, or in the end the whole text."""
        if len(text) > len(self.said) and text.startswith(self.said):
            part, self.said = text[len(self.said) :], text
            self.on_text(part)

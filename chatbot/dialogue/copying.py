"""Unknown words of a reply -> the words of the source that the model looked at (Luong et al. 2015; Jean et al. 2015).

Only for tokenizers of whole words: there each id of a source stands for one word of a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chatbot.corpus.normalise import normalise
from chatbot.data.context import ContextSettings
from chatbot.decoding.hypothesis import Hypothesis
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.word_tokenizer import split_words

_UNKNOWN = re.compile(re.escape(SPECIAL_PIECES[UNK_ID]))


def source_words(turns: Sequence[str], encoded: Sequence[Sequence[int]], context: ContextSettings) -> tuple[str, ...]:
    """The word of each id that `data.context.source_ids` makes of these turns; "" for a mark.

    Words stand as the person wrote them, also where the tokenizer folds case.
    """
    words: list[str] = []
    for text, ids in zip(turns, encoded, strict=True):
        plain = normalise(text)
        ways = (split_words(one, parted) for parted in (False, True) for one in (plain, plain.lower()))
        spelled = next((way for way in ways if len(way) == len(ids)), [""] * len(ids))
        if len(ids):
            words += [*([""] if context.marks else []), *spelled]
    return tuple(words[-context.max_source_length :])


def with_copies(text: str, hypothesis: Hypothesis, words: Sequence[str]) -> str:
    """The text of a hypothesis, each `<unk>` in it replaced by the source word that had most attention then."""
    copies = _copies(hypothesis, words)
    return _UNKNOWN.sub(lambda _: next(copies, ""), text)


def _copies(hypothesis: Hypothesis, words: Sequence[str]) -> Iterator[str]:
    places = [place for place, word in enumerate(words) if word]
    for moment, token in enumerate(hypothesis.ids):
        if token == UNK_ID and hypothesis.attention is not None and places:
            yield words[max(places, key=hypothesis.attention[moment].__getitem__)]
        elif token == UNK_ID:
            yield ""

"""A vocabulary and a person's words -> what decoding must know of them: ids that are no words, sequences never said."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache

from chatbot.corpus.normalise import normalise
from chatbot.decoding.rules import FORBIDDEN, Rules
from chatbot.settings import DecodingSettings
from chatbot.text.special import SPECIAL_PIECES, UNK_ID
from chatbot.text.tokenizer import Tokenizer

SPACE = "▁"  # how a tokenizer with pieces of words spells the space before a word
MOST_SPELLINGS = 1000  # of one word by pieces
_ASCII_BYTE = re.compile(r"<0x[0-7][0-9A-F]>")


def rules_for(tokenizer: Tokenizer, settings: DecodingSettings) -> Rules:
    """The rules of a tokenizer's vocabulary under these settings."""
    return _rules(tokenizer, settings.forbidden, settings.copy_unknown)  # type: ignore[arg-type]  # has an identity


@lru_cache(maxsize=8)
def _rules(tokenizer: Tokenizer, forbidden: str, copy_unknown: bool) -> Rules:
    pieces = tokenizer.pieces(range(tokenizer.size))
    never = set(FORBIDDEN) - ({UNK_ID} if copy_unknown and tokenizer.kind == "word" else set())
    marks = {i for i, piece in enumerate(pieces) if i >= len(SPECIAL_PIECES) and not any(map(str.isalnum, piece))}
    sequences: set[tuple[int, ...]] = set()
    openings: set[tuple[int, ...]] = set()
    if words := forbidden_words(forbidden):
        never |= {i for i, piece in enumerate(pieces) if _ASCII_BYTE.fullmatch(piece)}  # would spell any word
        for spelled in (variant for word in words for variant in cases(word)):
            sequences.add(tuple(tokenizer.encode(spelled)))
            if any(piece.startswith(SPACE) for piece in pieces):
                known = _by_letter(pieces)
                sequences.update(spellings(SPACE + spelled.replace(" ", SPACE), known))
                openings.update(spellings(spelled.replace(" ", SPACE), known))
    spelled_out = {ids for ids in sequences if ids and UNK_ID not in ids}
    characters = {i: tuple(piece) for i in marks if (piece := pieces[i].replace(SPACE, ""))}
    return Rules(frozenset(never), frozenset(marks), characters, frozenset(spelled_out), frozenset(openings))


def forbidden_words(setting: str) -> list[str]:
    """The words, or phrases, of the setting `forbidden`, normalised."""
    return [word for part in setting.split(",") if (word := normalise(part))]


def forbidden_pattern(setting: str) -> re.Pattern[str] | None:
    """Matches a text that contains one of the words, whatever its case; None where no word is forbidden."""
    words = "|".join(map(re.escape, forbidden_words(setting)))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None


def cases(word: str) -> set[str]:
    """The word as it stands, in small letters, in capitals, and with a capital."""
    return {word, word.lower(), word.upper(), word.capitalize()}


def spellings(text: str, pieces: Mapping[str, Sequence[tuple[str, int]]]) -> list[tuple[int, ...]]:
    """Every way to put a text together from pieces, those of long pieces first; at most MOST_SPELLINGS."""
    steps: dict[int, list[tuple[int, int]]] = {len(text): []}  # place -> (id, next place) of what leads to the end
    for start in reversed(range(len(text))):
        known = pieces.get(text[start], ())
        fitting = [(token, start + len(piece)) for piece, token in known if text.startswith(piece, start)]
        if leading := [(token, end) for token, end in fitting if end in steps]:
            steps[start] = leading
    found: list[tuple[int, ...]] = []
    begun: list[tuple[int, tuple[int, ...]]] = [(0, ())] if 0 in steps else []
    while begun and len(found) < MOST_SPELLINGS:
        start, ids = begun.pop()
        if start == len(text):
            found.append(ids)
        begun += [(end, (*ids, token)) for token, end in reversed(steps[start])]
    return found


def _by_letter(pieces: Sequence[str]) -> Mapping[str, Sequence[tuple[str, int]]]:
    """First letter -> pieces that begin with it and their ids, the longest first; special pieces left out."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    ids = range(len(SPECIAL_PIECES), len(pieces))
    for token in sorted(ids, key=lambda i: -len(pieces[i])):
        if pieces[token]:
            found[pieces[token][0]].append((pieces[token], token))
    return found

"""One normalisation for every text, read or typed: a raw string -> the string that is counted, trained on and scored.

Control characters, bidirectional overrides, soft hyphens and lone surrogates out; quotes and dashes in ASCII; NFKC;
markup (`<u>`, `</i>`, ...) and HTML entities out, while `<` in ordinary text such as "I <3 you" stays; white space
collapsed to single spaces. Case stays. Normalising twice changes nothing more.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[!-%'-;=-_a-~]+(?: [!-%'-;=-_a-~]+)*")  # printable ASCII but & < `, single spaces inside
_EMPTY_LINES = re.compile("\n{3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Cc but white space, and Cf but the joiners that emoji and several scripts need and the visible Arabic number signs.
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u070f\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
_QUOTES_AND_DASHES = str.maketrans(
    dict.fromkeys("‘’‚‛′‵´`ʼʹˊ‹›", "'")
    | dict.fromkeys("“”„‟″‶«»〝〞", '"')
    | dict.fromkeys("‐‑‒–−⁃﹣－", "-")
    | dict.fromkeys("—―﹘⸺", "--")
    | {"⁄": "/", "▁": "_"}  # ▁ is the sentencepiece tokenizer's own mark of a space
)
_TAG = re.compile(
    r"</?(?:a|b|br|center|div|em|font|h[1-6]|html|i|p|pre|s|small|span|strong|sub|sup|tt|u)(?:\s+[\w:-]+=[^<>]*)?\s*/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:amp;)*(?:(lt|gt|quot|apos|nbsp|mdash|emdash|ndash|#39);|(?<=;))")  # "&amp;lt;" too
_ENTITIES = {
    "ndash": "-",
    "lt": "<",
    "gt": ">",
    "quot": '"',
    "apos": "'",
    "#39": "'",
    "nbsp": " ",
    "mdash": "--",
    "emdash": "--",
}


def normalise(text: str) -> str:
    """The normalised text; never raises, whatever the string holds."""
    return repairs(text)[0]


def normalise_lines(text: str) -> str:
    """Every line normalised, lines kept: runs of empty lines become one, those at the ends go."""
    lines = [normalise(line) for line in text.splitlines()]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def repairs(text: str) -> tuple[str, list[str]]:
    """The normalised text and the names of the steps that changed it."""
    if _PLAIN.fullmatch(text):
        return text, []
    changed: dict[str, None] = {}
    for name, step in _STEPS:
        before, text = text, step(text)
        if text != before:
            changed[name] = None
    return text, list(changed)


def _drop_control(text: str) -> str:
    if _SURROGATE.search(text):  # pairs become the character they stand for, lone ones go
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _CONTROL.sub("", text)


def _quotes_and_dashes(text: str) -> str:
    return text if text.isascii() and "`" not in text else text.replace("``", '"').translate(_QUOTES_AND_DASHES)


def _compose(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _markup(text: str) -> str:
    for _ in range(3):
        before, text = text, _TAG.sub("", _ENTITY.sub(lambda match: _ENTITIES.get(match[1], "&"), text))
        if text == before:
            return text
    return text.replace("<", "").replace("&", "")  # nested on purpose, such as "<<<u>u>u>"


def _collapse(text: str) -> str:
    return " ".join(text.split())


_STEPS = (
    ("control characters", _drop_control),
    ("quotes and dashes", _quotes_and_dashes),
    ("compatibility characters (NFKC)", _compose),
    ("quotes and dashes", _quotes_and_dashes),  # of the characters that NFKC brought forth
    ("markup", _markup),
    ("compatibility characters (NFKC)", _compose),  # of the characters that markup kept apart
    ("white space", _collapse),
)

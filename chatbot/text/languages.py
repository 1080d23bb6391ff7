"""Codes of languages, as in `en` or `pt-br`, and their names for a person."""

from __future__ import annotations

import re

NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "eo": "Esperanto",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")


def is_code(value: object) -> bool:
    """Whether it has the form of a language's code (BCP 47, lower case): `en`, `yue`, `pt-br`."""
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def language_name(code: str) -> str:
    """Its English name where it is known, else the code."""
    return NAMES.get(code, code)

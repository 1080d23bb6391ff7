"""The names of themes -> styles: colours for dark and for light terminals, or none at all.

NO_COLOR is stronger than any theme: prompt_toolkit then leaves the colours out (https://no-color.org).
"""

from __future__ import annotations

from prompt_toolkit.styles import Style

_SHAPES = {"note": "dim", "name": "bold", "unknown": "underline", "bottom-toolbar": "noreverse dim"}
_DARK = {
    "you": "ansigreen bold",
    "bot": "ansicyan bold",
    "error": "ansired",
    "likely": "ansigreen",  # this and the next three: how probable a part of a reply was
    "fair": "ansiyellow",
    "unlikely": "ansimagenta",
    "rare": "ansired bold",
}
_LIGHT = {
    "you": "#005f00 bold",
    "bot": "#00458b bold",
    "error": "#a40000",
    "note": "#4e4e4e",
    "bottom-toolbar": "noreverse #4e4e4e",
    "likely": "#005f00",
    "fair": "#7a5200",
    "unlikely": "#870087",
    "rare": "#a40000 bold",
}
_NONE = "fg:default bg:default"
_MONO = {
    **{"you": "bold", "bot": "bold", "error": "bold", "unlikely": "underline", "rare": "bold underline"},
    **dict.fromkeys(("exiting", "aborting"), _NONE),  # a line that was submitted, or dropped
    **dict.fromkeys(("completion-menu", "completion-menu.completion", "completion-menu.meta.completion"), _NONE),
    **dict.fromkeys(("completion-menu.completion.current", "scrollbar.button"), f"{_NONE} reverse"),
    **dict.fromkeys(("completion-menu.meta.completion.current", "scrollbar.background"), _NONE),
}

MONO = "mono"
THEMES = {
    "dark": Style.from_dict({**_SHAPES, **_DARK}),
    "light": Style.from_dict({**_SHAPES, **_LIGHT}),
    MONO: Style.from_dict({**_SHAPES, **_MONO}),
}

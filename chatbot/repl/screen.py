"""The terminal as a canvas for the view: colours, printing, and a line being edited that cannot garble it."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from typing import Any

from prompt_toolkit.application import get_app
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.renderer import print_formatted_text

from chatbot.repl.themes import MONO, THEMES
from chatbot.repl.view import Fragments
from chatbot.terminal import visible


class Screen:
    """A canvas on a terminal; prints where the cursor is, so a running prompt must be moved out of the way first."""

    def __init__(self, output: Output, theme: str) -> None:
        self.output, self.theme = output, theme

    def columns(self) -> int:
        """Cells in a line now."""
        return self.output.get_size().columns

    def write(self, fragments: Fragments) -> None:
        """Print styled text."""
        typed: Any = fragments
        print_formatted_text(self.output, typed, THEMES[self.theme], color_depth=self.output.get_default_color_depth())

    def colours(self) -> bool:
        """Whether there are colours at all."""
        return self.theme != MONO and self.output.get_default_color_depth() != ColorDepth.DEPTH_1_BIT

    def clear(self) -> None:
        """Erase what is on the screen; only between two prompts."""
        self.output.erase_screen()
        self.output.cursor_goto(0, 0)
        self.output.flush()

    def copy(self, text: str) -> bool:
        """Ask with OSC 52 (xterm's control sequences); a terminal that does not know it ignores it."""
        encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
        self.output.write_raw(f"\x1b]52;c;{encoded}\x07")
        self.output.flush()
        return True


async def show_above(show: Callable[[], None]) -> None:
    """Call `show`, which prints, above the prompt if one is running; what is being typed stays as it is.

    Unlike `run_in_terminal`, the terminal stays in raw mode, where Enter is never mistaken for Ctrl-J.
    """
    app = get_app()
    if app.is_running and app.output.responds_to_cpr:
        await app.renderer.wait_for_cpr_responses()
    if not app.is_running:
        show()
        return
    app.renderer.erase()
    show()
    app.renderer.reset()
    app.renderer.request_absolute_cursor_position()
    app.invalidate()


def take_early_keys(input: Input) -> None:
    """Keep what was typed before the terminal was raw, when its Enter still came as Ctrl-J."""
    if os.isatty(input.fileno()):
        enter = KeyPress(Keys.ControlM, "\r")
        store_typeahead(input, [enter if key.key == Keys.ControlJ else key for key in input.read_keys()])


class SafeLine(Processor):
    """Shows a line being edited, pasted or recalled without its reordering characters; what is submitted keeps them."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """One cell for each unsafe character, so that the cursor stays right."""
        shown: StyleAndTextTuples = []
        for style, text, *rest in explode_text_fragments(transformation_input.fragments):
            unsafe = text not in ("", "\n") and text >= "\x80" and visible(text) != text
            shown.append((style, "\ufffd" if unsafe else text, *rest))  # type: ignore[arg-type]
        return Transformation(shown)

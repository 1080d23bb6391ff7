"""What keys do at the prompt, beyond editing a line as in any shell."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_completions, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyBindingsBase, KeyPressEvent, merge_key_bindings
from prompt_toolkit.key_binding.bindings.cpr import load_cpr_bindings
from prompt_toolkit.keys import Keys

from chatbot.repl.answering import Answering
from chatbot.repl.commands import is_command
from chatbot.repl.talk import Talk

AT_PROMPT = has_focus(DEFAULT_BUFFER)


def key_bindings(answering: Answering, dropped: Callable[[], None]) -> KeyBindingsBase:
    """All of them. `dropped` is called when Ctrl-C has dropped a line."""
    return merge_key_bindings([_editing(answering.talk), _submitting(answering), _interrupting(answering, dropped)])


def _editing(talk: Talk) -> KeyBindings:
    keys = KeyBindings()

    @keys.add("escape", "enter", filter=AT_PROMPT & Condition(lambda: not talk.multiline))
    @keys.add("c-j", filter=AT_PROMPT)
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("escape", filter=has_completions)
    def close_menu(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()

    return keys


def _submitting(answering: Answering) -> KeyBindings:
    """Enter (Alt-Enter where Enter makes a new line); during a reply the line waits, and so does what is typed on."""
    keys = KeyBindings()

    multiline = Condition(lambda: answering.talk.multiline)

    @keys.add("enter", filter=AT_PROMPT)
    @keys.add("escape", "enter", filter=AT_PROMPT & multiline)
    def enter(event: KeyPressEvent) -> None:
        line = event.current_buffer
        menu = line.complete_state
        if menu and menu.current_completion and len(menu.completions) > 1:  # it was chosen, and may be typed on
            line.complete_state = None
        elif multiline() and len(event.key_sequence) == 1 and not _is_one_command(line.text):
            line.newline(copy_margin=False)
        elif not line.text.strip():
            line.reset()
        elif answering.busy:
            answering.held.extend(event.key_sequence)
        else:
            line.validate_and_handle()

    @keys.add(Keys.Any, eager=True, filter=Condition(lambda: bool(answering.held)))
    def hold(event: KeyPressEvent) -> None:
        answering.held.extend(event.key_sequence)

    for binding in load_cpr_bindings().bindings:  # the terminal's own reports are no typing
        keys.add(*binding.keys, eager=True)(binding)
    return keys


def _is_one_command(text: str) -> bool:
    return is_command(text.strip()) and "\n" not in text


def _interrupting(answering: Answering, dropped: Callable[[], None]) -> KeyBindings:
    """Ctrl-C: stop the reply, else drop the line, which the arrow keys bring back; again with nothing typed: leave."""
    keys = KeyBindings()
    pressed = False

    def typed(_: object) -> None:
        nonlocal pressed
        pressed = False

    @keys.add("c-c", eager=True, filter=AT_PROMPT)
    @keys.add("<sigint>", eager=True)
    def interrupt(event: KeyPressEvent) -> None:
        nonlocal pressed
        line = event.app.layout.get_buffer_by_name(DEFAULT_BUFFER)
        if pressed and not (line and line.text):
            event.app.exit(exception=EOFError())
            return
        if line:
            line.on_text_changed.remove_handler(typed)
            line.on_text_changed.add_handler(typed)
        if answering.busy:
            answering.stop()
        else:
            if line:
                line.append_to_history()
                line.reset()
            dropped()
        pressed = True

    return keys

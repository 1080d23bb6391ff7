"""What keys do at the prompt, beyond editing a line as in any shell."""

from __future__ import annotations

from collections.abc import Callable

from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, has_completions, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyBindingsBase, KeyPressEvent, merge_key_bindings
from prompt_toolkit.key_binding.bindings.cpr import load_cpr_bindings
from prompt_toolkit.keys import Keys

from chatbot.repl.answering import Answering

AT_PROMPT = has_focus(DEFAULT_BUFFER)


def key_bindings(answering: Answering, dropped: Callable[[], None]) -> KeyBindingsBase:
    """All of them. `dropped` is called when Ctrl-C has dropped a line."""
    return merge_key_bindings([_editing(), _submitting(answering), _interrupting(answering, dropped)])


def _editing() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("escape", "enter", filter=AT_PROMPT)
    @keys.add("c-j", filter=AT_PROMPT)
    def new_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @keys.add("escape", filter=has_completions)
    def close_menu(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()

    return keys


def _submitting(answering: Answering) -> KeyBindings:
    """Enter; while a reply is computed the line waits for it, and so does all that is typed after it."""
    keys = KeyBindings()

    @keys.add("enter", filter=AT_PROMPT)
    def enter(event: KeyPressEvent) -> None:
        line = event.current_buffer
        if line.complete_state and line.complete_state.current_completion:
            line.complete_state = None
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


def _interrupting(answering: Answering, dropped: Callable[[], None]) -> KeyBindings:
    """Ctrl-C: stop the reply, else drop the line; the arrow keys bring it back."""
    keys = KeyBindings()

    @keys.add("c-c", eager=True, filter=AT_PROMPT)
    @keys.add("<sigint>", eager=True)
    def interrupt(event: KeyPressEvent) -> None:
        if answering.busy:
            answering.stop()
            return
        line = event.app.layout.get_buffer_by_name(DEFAULT_BUFFER)
        if line:
            line.append_to_history()
            line.reset()
        dropped()

    return keys

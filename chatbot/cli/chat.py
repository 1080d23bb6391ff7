"""`chatbot chat`: talk in a terminal; with lines from a pipe, one reply line for each."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from chatbot.cli.options import (
    SettingType,
    chosen_model,
    database_option,
    decoding_options,
    history_option,
    model_option,
)
from chatbot.errors import UsageError
from chatbot.home import ChatSettings, load_config


@click.command()
@model_option
@database_option
@history_option
@click.option(
    "--theme",
    type=SettingType(ChatSettings, "theme"),
    envvar="CHATBOT_THEME",
    help="colours for a dark or a light terminal, or none",
)
@click.option("--plain", is_flag=True, envvar="CHATBOT_PLAIN", help="lines of text alone, as screen readers like them")
@decoding_options
def command(
    model: str | None,
    database: str | None,
    no_history: bool,
    theme: str | None,
    plain: bool,
    decoding: dict[str, Any],
) -> None:
    """Talk. With lines from a pipe or a file: one line in, one reply line out.

    At a terminal, /help lists what can be typed besides talk. Every conversation is kept unless told otherwise.
    What no option says is taken from the environment (CHATBOT_MODEL, CHATBOT_BEAM_SIZE, ...), then from config.toml.
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    if sys.stdin is None or not sys.stdin.isatty():
        from chatbot.cli.lines import answer_lines

        answer_lines(sys.stdin, model, database, not no_history, decoding)
        return
    if sys.stdout is None:
        raise UsageError("standard output is closed, so there is nothing to talk on")
    from chatbot.repl.talk import Asked

    asked = Asked(chosen_model(model), database, decoding, not no_history, theme)
    if (
        plain
        or load_config().chat.plain
        or os.environ.get("TERM", "dumb") in ("dumb", "unknown")
        or not sys.stdout.isatty()
    ):
        from chatbot.repl.plain import talk_in_lines

        talk_in_lines(asked)
    else:
        from chatbot.repl.session import talk_in_terminal

        talk_in_terminal(asked)

"""The command `chatbot`: a table of commands, each imported when it is called; one line for any error.

In: the command line. Out: an exit code (see ending.py).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from chatbot.cli.ending import exit_code_of, finish_streams, prepare_streams
from chatbot.cli.group import LazyGroup

COMMANDS = {
    "chat": ("chatbot.cli.chat", "Talk; this is what `chatbot` alone does."),
    "reply": ("chatbot.cli.reply", "Answer one line."),
    "translate": ("chatbot.cli.translate", "A text in another language."),
    "tag": ("chatbot.cli.tag", "Find the names in a text."),
    "generate": ("chatbot.cli.generate", "Go on with a text."),
    "history": ("chatbot.cli.history", "List, show and search the conversations kept."),
    "replay": ("chatbot.cli.replay", "Play logged conversations again and compare."),
    "prepare": ("chatbot.cli.prepare", "Raw corpus files -> a dataset."),
    "vectors": ("chatbot.cli.vectors", "Raw corpus files -> vectors of their words."),
    "train": ("chatbot.cli.train", "A dataset -> a trained model."),
    "test": ("chatbot.cli.test", "Hold scripted dialogues and say what broke."),
    "evaluate": ("chatbot.cli.evaluate", "Measure a model on a dataset."),
    "models": ("chatbot.cli.models", "List, show, export, pack, pull and remove models."),
    "db": ("chatbot.cli.db", "Locate, upgrade and check the history database."),
    "config": ("chatbot.cli.config", "Show the settings and where they come from."),
}


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"chatbot {version('chatbot')}")
        ctx.exit()


@click.command(
    cls=LazyGroup,
    table=COMMANDS,
    default="chat",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show where an error came from.")
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_print_version, help="Print the version."
)
def cli() -> None:
    """A chatbot in your terminal, that you can train, own and take apart.

    Type `chatbot` to talk; it takes the options of `chatbot chat`, such as --seed 5. The options of a command:
    `chatbot COMMAND --help`.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line; never raises. The exit code."""
    given = list(sys.argv[1:] if args is None else args)
    end = given.index("--") if "--" in given else len(given)
    debug = "--debug" in given[:end]
    given = [word for word in given[:end] if word != "--debug"] + given[end:]
    prepare_streams()
    try:
        code = _run(given)
    except BaseException as error:
        code = exit_code_of(error, debug)
    return finish_streams(code)


def _run(args: list[str]) -> int:
    if instruction := os.environ.get("_CHATBOT_COMPLETE"):
        from click.shell_completion import shell_complete

        return shell_complete(cli, {}, "chatbot", "_CHATBOT_COMPLETE", instruction)
    with cli.make_context("chatbot", args) as context:
        cli.invoke(context)
    return 0

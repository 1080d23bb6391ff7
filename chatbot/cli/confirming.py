"""Ask a person before something is gone for good."""

from __future__ import annotations

import sys

import click

yes_option = click.option("--yes", "-y", is_flag=True, help="do not ask first")


def confirm(question: str, yes: bool) -> None:
    """Return where the person says yes, or said so by --yes; otherwise a `UsageError`, and nothing is done."""
    from chatbot.errors import UsageError

    if yes:
        return
    if not (sys.stdin and sys.stdin.isatty()):
        raise UsageError(f"{question} Nobody is here to say yes; add --yes")
    if not click.confirm(f"{question} Go on?", err=True):
        raise UsageError("nothing was done")

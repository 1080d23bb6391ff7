"""Commands about the session's surface: /private, /multiline, /clear and /version."""

from __future__ import annotations

from chatbot.errors import UsageError
from chatbot.repl.adjusting import described
from chatbot.repl.commands import Choices, Command
from chatbot.repl.talk import Talk

OFF = "off"


def _no_private(talk: Talk) -> str | None:
    return None if talk.keep else "nothing is kept in this session anyway (--no-history)"


def _private(talk: Talk, text: str) -> None:
    if text not in ("", OFF):
        raise UsageError(f"/private takes nothing or 'off', but received {text[:40]!r}")
    if text == OFF and not talk.private:
        raise UsageError("/private is off already")
    if text == OFF:
        talk.private = False
        talk.begin()
        talk.view.note("A new conversation, which is kept.")
    elif talk.private:
        raise UsageError("/private is on already; /private off starts a conversation that is kept")
    else:
        talk.keep_private()
        talk.view.note("Nothing of what follows is kept. /private off starts a new conversation that is.")


def _private_choices(talk: Talk, words: list[str]) -> Choices:
    return [(OFF, "a new conversation, which is kept")] if talk.private and len(words) == 1 else ()


def _no_keys(talk: Talk) -> str | None:
    return "lines are read one by one here" if talk.view.plain else None


def _multiline(talk: Talk, text: str) -> None:
    talk.multiline = not talk.multiline
    if talk.multiline:
        talk.view.note("Enter makes a new line and Alt-Enter sends; a command is still sent by Enter.")
    else:
        talk.view.note("Enter sends and Alt-Enter makes a new line.")


def _no_screen(talk: Talk) -> str | None:
    return "there is no screen, only lines" if talk.view.plain else None


def _clear(talk: Talk, text: str) -> None:
    talk.view.clear()


def _version(talk: Talk, text: str) -> None:
    import platform
    from importlib.metadata import version

    from chatbot.home import home
    from chatbot.store.location import locate

    kept = locate(talk.database).shown if talk.keep else "nothing (--no-history)"
    talk.view.table(
        [
            ("chatbot", version("chatbot")),
            ("model", described(talk)),
            ("kept in", kept),
            ("settings", str(home())),
            ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ]
    )


PRIVATE = Command("private", "[off]", "keep nothing of what follows", _private, _no_private, _private_choices)
MULTILINE = Command("multiline", "", "let Enter make a new line, or send again", _multiline, _no_keys)
CLEAR = Command("clear", "", "clear the screen; the conversation goes on", _clear, _no_screen)
VERSION = Command("version", "", "versions of chatbot and model, and where things are", _version)

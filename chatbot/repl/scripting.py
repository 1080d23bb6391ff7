"""The command /test: what was just said -> a script for `chatbot test`, with what holds on many seeds."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from chatbot.errors import UsageError
from chatbot.repl.behind import looking, noted
from chatbot.repl.commands import Choices, Command
from chatbot.repl.loading import Stop, Stopped
from chatbot.repl.standing import no_turn
from chatbot.repl.talk import Shown, Talk

USAGE = "last N [FILE]"
ENDING = ".dialogue.yaml"
_ASKED = re.compile(r"(?:(?P<all>all)|last(?:\s+(?P<last>\d+))?)?(?:\s+(?P<file>[^\s-].*))?")


def _test(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.scripts.from_life import SEEDS, life_lines, lived, write_script

    last, path = _asked(text)
    turns = talk.conversation.result().turns
    title = turns[-min(last or len(turns), len(turns))].text[:60]
    life = lived(title, turns, talk.model.result(), talk.name, last)
    path = path or Path(f"{_plain(title)}{ENDING}").absolute()
    lines = list(life_lines([life], advance=lambda _: _go_on(stop)))
    write_script(path, lines)
    here = path.name if path.parent == Path.cwd() else str(path)
    return noted(f"Wrote {path}, what holds on {SEEDS} seeds. Run it with: chatbot test {shlex.quote(here)}")


def _go_on(stop: Stop) -> None:
    if stop():
        raise Stopped("stopped; no test is written")


def _asked(text: str) -> tuple[int | None, Path | None]:
    """How many of the last turns (None: all), and into which file."""
    found = _ASKED.fullmatch(text.strip())
    count = int(found["last"][:6]) if found and found["last"] else 1
    if not found or not text or count == 0:
        raise UsageError(f"/test takes {USAGE} or all [FILE], but received {text[:40]!r}")
    path = Path(found["file"]).expanduser().absolute() if found["file"] else None
    return None if found["all"] else count, path


def _plain(title: str) -> str:
    """A name for a file."""
    return "-".join(re.findall(r"\w+", title.lower()))[:40] or "conversation"


def _choices(talk: Talk, words: list[str]) -> Choices:
    return [("all", "the whole conversation"), ("last", "its last turns")] if len(words) == 1 else ()


TEST = Command("test", USAGE, "make a test of the last turns, or of all", looking(_test), no_turn, _choices)

"""`chatbot train --gate`: scripts -> a judge of bundles, which training asks before one takes the place of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from chatbot.cli.script_session import Sessions
from chatbot.errors import ChatbotError, ScriptError, UsageError
from chatbot.scripts.results import PASSED, Report
from chatbot.scripts.running import Models, Runner
from chatbot.scripts.testing import Wanted, read_all, run_scripts
from chatbot.scripts.wording import lines_of


def gate_of(paths: Sequence[Path], task: str) -> Callable[[Path], str | None]:
    """What says of a bundle's folder why these scripts refuse it, or None.

    All dialogues are held with that bundle, whatever model they name. `ScriptError` where a script cannot be read:
    better before a training than after it. `UsageError` where the model is none that dialogues can be held with.
    """
    if task != "dialogue":
        raise UsageError(f"--gate holds dialogues, but this dataset is for {task}")
    scripts = read_all(paths)
    if scripts.unread:
        raise ScriptError(scripts.unread[0].message)

    def judge(bundle: Path) -> str | None:
        try:
            with Sessions() as sessions:
                report = run_scripts(scripts, Wanted(models=(str(bundle),)), Runner(Models(), sessions.open))
        except ChatbotError as error:  # whatever is wrong with a bundle, the training goes on
            return f"no dialogue could be held: {error}"
        return None if report.passed else _verdict(report)

    return judge


def _verdict(report: Report) -> str:
    broken = [one for one in report.results if one.status != PASSED]
    first = broken[0].error or next(lines_of(broken[0], f"{broken[0].dialogue.name}: "))
    return f"{len(broken)} of {len(report.results)} dialogues broke, the first at {first}"

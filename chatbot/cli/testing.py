"""What `chatbot test` does once its options are read: one run with all its outputs, and running again on a change."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from chatbot.cli.ending import print_error
from chatbot.cli.output import print_json
from chatbot.cli.script_session import Sessions
from chatbot.cli.testing_view import following, report_lines
from chatbot.errors import ChatbotError, UsageError
from chatbot.files import write_atomically
from chatbot.home import load_config
from chatbot.scripts.json_report import report_values
from chatbot.scripts.junit import junit_xml
from chatbot.scripts.remembering import remember
from chatbot.scripts.results import ERROR, Report
from chatbot.scripts.running import Models, Runner
from chatbot.scripts.testing import Scripts, Wanted, read_all, run_scripts
from chatbot.scripts.updating import update_scripts
from chatbot.terminal import visible

BROKEN, UNREADABLE = 3, 2  # exit codes
PAUSE = 0.5  # seconds between two looks at the files


@dataclass(frozen=True, slots=True)
class Output:
    """Where a report goes besides the terminal."""

    as_json: bool = False
    junit: Path | None = None
    update: bool = False


def run_once(paths: Sequence[Path], wanted: Wanted, output: Output) -> int:
    """Run, print, write; the exit code. Where no script can be read there is no report, but for programs."""
    scripts = read_all(paths)
    if scripts.suites or output.as_json or output.junit:
        return _run(scripts, wanted, output, _models())
    for unread in scripts.unread:
        print_error(unread.message)
    return UNREADABLE


def watch_and_run(paths: Sequence[Path], wanted: Wanted, output: Output) -> int:
    """Run at once and after every change, until Ctrl-C, which ends the command as it ends every other."""
    models = _models()
    while True:
        scripts = read_all(paths)
        try:
            _run(scripts, wanted, output, models)
        except ChatbotError as error:  # a wish that no dialogue meets may be met after the next change
            print_error(str(error))
            models = _models()
        seen = _stamps(paths, scripts)
        count = len(scripts.files)
        click.echo(f"watching {count} file{'' if count == 1 else 's'}; Ctrl-C ends", err=True)
        while _stamps(paths, scripts) == seen:
            time.sleep(PAUSE)


def _models() -> Models:
    """Models for dialogues that name none: the environment's, else that of config.toml, else the default one."""
    return Models(os.environ.get("CHATBOT_MODEL") or load_config().chat.model)


def _run(scripts: Scripts, wanted: Wanted, output: Output, models: Models) -> int:
    with Sessions() as sessions, following() as bar:
        report = run_scripts(scripts, wanted, Runner(models, sessions.open, bar.advance), bar.plan)
    remember(report.results)
    if output.junit:
        _write(output.junit, junit_xml(report))
    if output.as_json:
        print_json(report_values(report))
    else:
        for line in report_lines(report):
            click.echo(line)
    if output.update:
        for path, count in update_scripts(report):
            click.echo(f"{visible(str(path))}: {count} place{'' if count == 1 else 's'} updated", err=True)
    return exit_code(report)


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None


def exit_code(report: Report) -> int:
    """0, or what went wrong: what could not run at all weighs more than what broke."""
    if report.unread or report.count(ERROR):
        return UNREADABLE
    return 0 if report.passed else BROKEN


def _stamps(paths: Sequence[Path], scripts: Scripts) -> dict[Path, tuple[int, int]]:
    """Times and sizes of all files that count, those that came since among them."""
    from chatbot.scripts.reading import script_files

    files = set(scripts.files)
    for path in paths:
        try:
            files |= set(script_files([path]))
        except ChatbotError:
            files.add(path)
    return {file: stamp for file in files if (stamp := _stamp(file))}


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size

"""What it costs to start talking: seconds and peak memory of whole commands, beside imports that others pay.

    python tests/benchmarks/startup.py [--rounds 20] [--json]

All commands take turns within one run, so that a noisy machine is noisy to all of them alike; medians are printed,
with ratios to `import torch` and `import tensorflow` where this interpreter has them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 2**20
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in one unit of ru_maxrss


@dataclass
class Command:
    name: str
    arguments: list[str]
    typed: str = ""  # what stands on its standard input
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)  # bytes

    def run(self, folder: Path) -> tuple[float, int]:
        """Run to the end; wall seconds and peak resident bytes."""
        typed = folder / "typed"
        typed.write_text(self.typed)
        environment = {**os.environ, "CHATBOT_HOME": str(folder / "home")}
        environment.pop("CHATBOT_DATABASE", None)
        with typed.open() as stdin, (folder / "errors").open("w+") as errors:
            started = time.perf_counter()
            process = subprocess.Popen(
                self.arguments, stdin=stdin, stdout=subprocess.DEVNULL, stderr=errors, cwd=folder, env=environment
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                errors.seek(0)
                raise SystemExit(f"{self.name} ended with {process.returncode}: {errors.read().strip()[-300:]}")
        return seconds, usage.ru_maxrss * RSS_UNIT

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def peak(self) -> float:
        return statistics.median(self.peaks)


def commands() -> list[Command]:
    """What is measured; an import that this interpreter lacks is left out with a line on stderr."""
    python, chatbot = sys.executable, str(Path(sys.executable).with_name("chatbot"))
    found = [
        Command("chatbot --help", [chatbot, "--help"]),
        Command("echo hello | chatbot", [chatbot], "hello\n"),
        Command("chatbot reply hello", [chatbot, "reply", "hello"]),
        Command("python -c pass", [python, "-c", "pass"]),
    ]
    for library in ("numpy", "torch", "tensorflow"):
        if importlib.util.find_spec(library):
            found.append(Command(f"import {library}", [python, "-c", f"import {library}"]))
        else:
            print(f"{library} is not installed here: left out", file=sys.stderr)
    return found


def measure(measured: list[Command], rounds: int) -> None:
    """One round unmeasured, to warm the disk's cache and make the database; then all in turn, `rounds` times."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for command in measured:
                seconds, peak = command.run(Path(folder))
                if number:
                    command.seconds.append(seconds)
                    command.peaks.append(peak)


def table(measured: list[Command]) -> str:
    """One line a command: median and fastest seconds, peak memory, and the median over each import's."""
    beside = [c for c in measured if c.name in {"import torch", "import tensorflow"}]
    head = f"{'command':24}{'median s':>10}{'fastest s':>11}{'peak MiB':>10}"
    lines = [head + "".join(f"{'/ ' + c.name:>22}" for c in beside)]
    for c in measured:
        line = f"{c.name:24}{c.median:10.3f}{min(c.seconds):11.3f}{c.peak / MEBIBYTE:10.0f}"
        lines.append(line + "".join(f"{c.median / other.median:22.2f}" for other in beside))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="times each command is measured")
    parser.add_argument("--json", action="store_true", help="print every measurement as JSON")
    options = parser.parse_args()
    measured = commands()
    measure(measured, max(1, options.rounds))
    if options.json:
        print(json.dumps([{"name": c.name, "seconds": c.seconds, "peak_bytes": c.peaks} for c in measured], indent=1))
    else:
        print(table(measured))


if __name__ == "__main__":
    main()

"""`chatbot train --workers N`: the processes that train together, begun, watched and ended.

On one machine this process leads and starts the others. On several, each is started by hand (or by whatever runs the
cluster) with the same command and a `TF_CONFIG` of its own, as TensorFlow has it; the worker of index 0 leads.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from chatbot.errors import CheckpointError, UsageError

if TYPE_CHECKING:
    from chatbot.training.tensorflow_workers import Workers

PATIENCE = 10.0  # seconds to wait for the end of a worker that does not answer any more
LEADER = "CHATBOT_LEADER"  # process id of who started this worker


def cluster_of(count: int | None) -> tuple[int, int]:
    """(workers, index of this one) by TF_CONFIG, or else `count` workers of which this is the first.

    Raises `UsageError` where the two disagree or TF_CONFIG is not understood.
    """
    stated = os.environ.get("TF_CONFIG")
    if not stated:
        return count or 1, 0
    try:
        config = json.loads(stated)
        workers, index = len(config["cluster"]["worker"]), int(config["task"]["index"])
        right = set(config["cluster"]) == {"worker"} and config["task"]["type"] == "worker" and 0 <= index < workers
    except (ValueError, KeyError, TypeError):
        right = False
    if not right:
        raise UsageError(
            'TF_CONFIG: expected {"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": N}}'
        )
    if count not in (None, workers):
        raise UsageError(f"--workers: {count}, but TF_CONFIG names {workers}; leave --workers out")
    return workers, index


@contextmanager
def leading(count: int) -> Iterator[Workers | None]:
    """The workers that this process leads, None for itself alone; the others end when it does."""
    if count == 1:
        yield None
        return
    started: list[subprocess.Popen[bytes]] = []
    ending = threading.Event()
    if "TF_CONFIG" not in os.environ:
        started = _start(count)
        threading.Thread(target=_watch, args=(started, ending), daemon=True).start()
    workers = None
    try:
        from chatbot.training.tensorflow_workers import END, Workers

        workers = Workers()
        yield workers
        ending.set()
        workers.tell(END)
    except Exception:
        if lost := _lost(started, patience=PATIENCE):  # TensorFlow's own words for it are long, and vary
            raise CheckpointError(lost) from None
        raise
    finally:
        ending.set()
        for process in started:
            if sys.exc_info()[0]:
                process.kill()
            process.wait()


def following() -> None:
    """Be a worker that another one leads, until he ends the training. Raises `CheckpointError` if one is lost."""
    if leader := os.environ.get(LEADER):
        threading.Thread(target=_end_with, args=(int(leader),), daemon=True).start()
    from chatbot.training.tensorflow_workers import Workers, follow

    follow(Workers())


def _start(count: int) -> list[subprocess.Popen[bytes]]:
    """Start the others with this process' own command; TF_CONFIG is set for them and for this process."""
    hosts = [f"127.0.0.1:{port}" for port in _free_ports(count)]
    configs = [{"cluster": {"worker": hosts}, "task": {"type": "worker", "index": i}} for i in range(count)]
    words = [sys.executable, "-m", "chatbot", *sys.argv[1:]]
    others = []
    for config in configs[1:]:
        environment = {**os.environ, "TF_CONFIG": json.dumps(config), LEADER: str(os.getpid())}
        others.append(
            subprocess.Popen(
                words,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    os.environ["TF_CONFIG"] = json.dumps(configs[0])
    return others


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


def _watch(others: list[subprocess.Popen[bytes]], ending: threading.Event) -> None:
    """End this process, which may wait for the sum of gradients for ever, when another worker is gone."""
    while not ending.wait(0.5):
        if lost := _lost(others):
            shown = "\r\x1b[K\x1b[?25h" if sys.stderr.isatty() else ""  # a progress bar hides the cursor
            click.echo(f"{shown}chatbot: {lost}", err=True)
            for other in others:
                other.kill()
            os._exit(1)


def _lost(others: list[subprocess.Popen[bytes]], patience: float = 0.0) -> str:
    """What to say where one of the workers has ended; "" while none has. A dying process closes its sockets first."""
    deadline = time.monotonic() + patience
    while True:
        for number, process in enumerate(others, 1):
            if process.poll() is not None:
                return (
                    f"worker {number} of {len(others)} besides this one ended (code {process.returncode}); nothing "
                    "saved is lost. Go on with the same command and --resume"
                )
        if not others or time.monotonic() >= deadline:
            return ""
        time.sleep(0.05)


def _end_with(leader: int) -> None:
    """End this process when the one that started it is gone."""
    while os.getppid() == leader:
        time.sleep(0.5)
    os._exit(1)

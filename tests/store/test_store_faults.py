"""A disk that fails at any write: one line, all that was acknowledged is there, and the file is whole."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from faulty_disk import FaultyDisk
from old_rows import FILES, old_database
from toy_dialogue import toy_model

from chatbot.errors import StoreError
from chatbot.store.annotations import note, rate
from chatbot.store.health import health
from chatbot.store.history import History
from chatbot.store.schema import HEAD

MODEL = toy_model()
REPLY = MODEL.answer(["hello"], [False], MODEL.settings, seed=1)
EACH = pytest.mark.parametrize("step", [13, pytest.param(1, marks=pytest.mark.slow)])  # 1: really at any write
LONG = "a long line, for more than one page " * 150


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of one conversation, closed."""
    folder = tmp_path_factory.mktemp("kept")
    with History.open(str(folder / "history.db")) as history:
        _, turn = history.start_conversation("said before")
        history.add_reply(turn, REPLY, MODEL)
    return folder


def talk(history: History, acknowledged: list[str]) -> None:
    """A turn in an old conversation and a new one, with all that is kept of it; acknowledged once it is kept."""
    history.add_turn(1, "said again", 1)
    acknowledged.append("said again")
    number, turn = history.start_conversation(LONG)
    acknowledged.append(LONG)
    reply = history.add_reply(turn, REPLY, MODEL)
    rate(history, reply, 4)
    note(history, number, reply, "noted")
    acknowledged.append("noted")


def texts(folder: Path) -> list[str]:
    """What was said and noted, of a database that is whole."""
    path = folder / "history.db"
    assert list(health(str(path)))[-1] == "ok"
    with History.open(str(path)) as history:
        whole = [history.show(one.id) for one in history.list_conversations()]
    notes = [one.text or "" for transcript in whole for one in transcript.annotations if one.kind == "note"]
    return [turn.text for transcript in whole for turn in transcript.turns] + notes


def failure(deed: Callable[[], None]) -> str | None:
    try:
        deed()
    except StoreError as error:
        return str(error)
    return None


def copy(kept: Path, tmp_path: Path, number: int) -> Path:
    return Path(shutil.copytree(kept, tmp_path / str(number)))


def operations(kept: Path, tmp_path: Path, deed: Callable[[Path], None]) -> int:
    """How many operations of the disk something takes."""
    folder = copy(kept, tmp_path, 0)
    with FaultyDisk(folder) as disk:
        deed(folder)
    return disk.operations


def talk_in(folder: Path, acknowledged: list[str] | None = None) -> None:
    with History.open(str(folder / "history.db")) as history:
        talk(history, [] if acknowledged is None else acknowledged)


@EACH
def test_a_power_cut_at_any_write_loses_nothing_acknowledged(kept: Path, tmp_path: Path, step: int) -> None:
    count = operations(kept, tmp_path, talk_in)
    assert count > 20
    for number in range(1, count + 1, step):
        folder, acknowledged = copy(kept, tmp_path, number), ["said before"]
        with FaultyDisk(folder, fail_at=number) as disk, suppress(StoreError):
            talk_in(folder, acknowledged)
        after = tmp_path / f"{number}-after"
        disk.power_cut(after, random.Random(number))
        found = texts(after)
        assert set(acknowledged) <= set(found), number
        assert len(found) == len(set(found)) <= 4
        talk_in(after)
        assert len(texts(after)) == len(found) + 3


@EACH
@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL])
def test_an_error_at_any_write_is_one_line_and_the_next_is_kept(
    kept: Path, tmp_path: Path, code: int, step: int
) -> None:
    for number in range(1, operations(kept, tmp_path, talk_in) + 1, step):
        folder, acknowledged = copy(kept, tmp_path, number), ["said before"]
        with FaultyDisk(folder, number, code, once=True), History.open(str(folder / "history.db")) as history:
            error = failure(lambda history=history, acknowledged=acknowledged: talk(history, acknowledged))
            assert error is None or (error.startswith(f"{folder / 'history.db'}: ") and "disk" in error)
            assert "\n" not in (error or "")
            history.start_conversation("the next")
        found = texts(folder)
        assert {*acknowledged, "the next"} <= set(found), number
        assert len(found) == len(set(found))


@pytest.mark.slow
def test_a_power_cut_while_upgrading_leaves_the_old_database_or_the_new(tmp_path: Path) -> None:
    old = tmp_path / "old"
    revision, counts = old_database(str(old / "history.db"), FILES[0])

    def upgrade(folder: Path) -> None:
        History.open(str(folder / "history.db")).close()

    count, seen = operations(old, tmp_path, upgrade), set()
    for number in range(1, count + 1, max(1, count // 40)):
        folder, after = copy(old, tmp_path, number), tmp_path / f"{number}-after"
        with FaultyDisk(folder, fail_at=number) as disk, suppress(StoreError):
            upgrade(folder)
        disk.power_cut(after, random.Random(number))
        with closing(sqlite3.connect(after / "history.db")) as connection:
            seen |= set(connection.execute("SELECT version_num FROM alembic_version").fetchone())
            assert connection.execute("SELECT count(*) FROM turn").fetchone() == (counts["turn"],)
        assert len(texts(after)) == counts["turn"] + 1
    assert seen <= {revision, HEAD}
    assert revision in seen

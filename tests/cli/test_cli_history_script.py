"""`chatbot history export --as script`: conversations kept become scripts that hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chatbot.cli.main import main
from chatbot.dialogue.dialogue import Dialogue
from chatbot.dialogue.model import Model
from chatbot.home import home
from chatbot.scripts.reading import read_script
from chatbot.store.history import History
from chatbot.store.recorded import RecordedDialogue

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def talked(tiny_bundle: Path, tmp_path: Path) -> Path:
    """A home with the tiny model, and three conversations with it; nothing stands of the last one."""
    models = home() / "models"
    models.mkdir()
    (models / "tiny").symlink_to(tiny_bundle)
    model = Model.load("tiny")
    with History.open() as history:
        for text in ("hello", "hello", "forget it"):
            dialogue = RecordedDialogue(Dialogue(model, replace(model.settings, seed=5, temperature=0.7)), history)
            dialogue.reply(text)
            dialogue.reply("and then?")
        dialogue.undo()
        dialogue.undo()
    return tmp_path / "a.dialogue.yaml"


def test_conversations_become_a_script_that_passes(talked: Path, capsys: Capture) -> None:
    assert main(["history", "export", "--as", "script", "--output", str(talked)]) == 0
    first, second = read_script(talked).dialogues
    assert (first.name, second.name, first.model, first.seed) == ("hello", "hello (2)", "tiny", 5)
    assert first.settings == {"temperature": 0.7}
    assert [turn.user for turn in first.turns] == ["hello", "and then?"]
    assert main(["test", str(talked)]) == 0


def test_a_model_that_is_gone_gives_way_to_the_one_that_is_there(
    talked: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tiny_bundle: Path
) -> None:
    (home() / "models" / "tiny").unlink()
    monkeypatch.setenv("CHATBOT_MODEL", str(tiny_bundle))
    assert main(["history", "export", "1", "--as", "script"]) == 0
    assert "model:" not in capsys.readouterr().out


def test_a_conversation_without_replies_makes_no_script(talked: Path, capsys: Capture) -> None:
    assert main(["history", "export", "3", "--as", "script"]) == 2
    assert "there is no conversation with a reply to make a script of" in capsys.readouterr().err

"""Scripts as a gate: what it says of a bundle, and how a training that it refuses ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatbot.cli.gating import gate_of
from chatbot.cli.main import main
from chatbot.errors import ScriptError, UsageError

GOOD = "model: some-other\nturns:\n  - user: hello\n    words: 1 to 20\n"
BAD = "name: is silent\nturns:\n  - user: hello\n    words: at most 0\n"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "good.dialogue.yaml").write_text(GOOD)
    (folder / "bad.dialogue.yaml").write_text(BAD)
    return folder


def test_what_passes_is_let_in_whatever_model_the_script_names(scripts: Path, tiny_bundle: Path) -> None:
    assert gate_of([scripts / "good.dialogue.yaml"], "dialogue")(tiny_bundle) is None


def test_what_breaks_is_counted_and_the_first_is_shown(scripts: Path, tiny_bundle: Path) -> None:
    verdict = gate_of([scripts], "dialogue")(tiny_bundle)
    first = f"{scripts / 'bad.dialogue.yaml'}:4: is silent: words: the reply has "
    assert verdict is not None
    assert verdict.startswith(f"1 of 2 dialogues broke, the first at {first}")


def test_a_damaged_bundle_is_refused(scripts: Path, tmp_path: Path, tiny_bundle: Path) -> None:
    shutil.copytree(tiny_bundle, tmp_path / "damaged")
    (tmp_path / "damaged" / "weights.safetensors").write_bytes(b"nothing")
    verdict = gate_of([scripts], "dialogue")(tmp_path / "damaged")
    assert verdict is not None
    assert verdict.startswith("no dialogue could be held: ")


def test_what_cannot_judge_is_said_before_the_training(scripts: Path) -> None:
    (scripts / "odd.dialogue.yaml").write_text("turns: 3\n")
    with pytest.raises(ScriptError, match=r"odd\.dialogue\.yaml:1: "):
        gate_of([scripts], "dialogue")
    with pytest.raises(UsageError, match="this dataset is for translation"):
        gate_of([scripts], "translation")


@pytest.mark.slow
@pytest.mark.train
def test_a_training_that_is_refused_ends_with_three(
    scripts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorflow")
    sample = Path(__file__).resolve().parents[2] / "corpora" / "sample"
    assert main(["prepare", str(sample), "--output", str(tmp_path / "data"), "--vocabulary-size", "400"]) == 0
    train = ["train", str(tmp_path / "data"), "--output", str(tmp_path / "run"), "--recipe", "tiny", "--epochs", "1"]
    assert main([*train, "--gate", str(scripts / "bad.dialogue.yaml")]) == 3
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("the best weights were not promoted: 1 of 1 dialogues broke, the first at ")
    assert last.endswith(f"{tmp_path / 'run'} holds no bundle")
    assert main([*train, "--overwrite", "--gate", str(scripts / "good.dialogue.yaml")]) == 0
    assert (tmp_path / "run" / "bundle").is_dir()

"""What a training is to begin with is looked at before there is a run, and before an old one goes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatbot.cli.main import main

WRONG = [
    (["--vectors", "v.txt"], 2, "--vectors: the dataset has no whole words"),
    (["--warm-start", "cornell"], 1, "cannot be started from: "),
]


@pytest.mark.train
@pytest.mark.parametrize(("options", "code", "says"), WRONG)
def test_what_cannot_be_begun_with_leaves_no_run_and_loses_none(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    sample_dataset: Path,
    options: list[str],
    code: int,
    says: str,
) -> None:
    pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    run = tmp_path / "run"
    begin = ["train", str(sample_dataset), "--output", str(run), "--recipe", "tiny", *options]
    assert main(begin) == code
    assert says in capsys.readouterr().err
    assert not run.exists()
    (run / "bundle").mkdir(parents=True)
    (run / "run.json").write_text("{}")
    assert main([*begin, "--overwrite"]) == code
    assert sorted(path.name for path in run.iterdir()) == ["bundle", "run.json"]


@pytest.mark.train
def test_the_same_line_with_resume_goes_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, sample_dataset: Path
) -> None:
    pytest.importorskip("keras")
    pytest.importorskip("tensorflow")
    first, run = tmp_path / "first", tmp_path / "run"
    begin = ["train", str(sample_dataset), "--recipe", "tiny", "--epochs"]
    assert main([*begin, "1", "--output", str(first)]) == 0
    warm = [*begin, "1", "--output", str(run), "--warm-start", str(first)]
    assert main(warm) == 0
    assert main([*warm, "--resume"]) == 0
    shutil.rmtree(first)  # it is not needed any more
    assert main([*warm, "--resume"]) == 0
    shutil.rmtree(run / "checkpoints")
    capsys.readouterr()
    assert main([*begin, "1", "--output", str(run), "--resume"]) == 1
    assert "name the model it began with by --warm-start again" in capsys.readouterr().err

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toy_bundle import save_toy

from chatbot.bundle import locate
from chatbot.bundle.folder import CONFIG_FILE, WEIGHTS_FILE
from chatbot.bundle.loading import load_bundle
from chatbot.cli.main import main
from chatbot.home import home


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models with none in it; the tests run in a folder of their own."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(locate, "SHIPPED", folder)
    monkeypatch.chdir(tmp_path)
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["models", *words])
    return code, *capsys.readouterr()


def test_models_are_listed(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    fingerprint = save_toy(shipped / "toy", "int8")
    save_toy(home() / "models" / "another")
    code, out, err = run(capsys, "list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["name", "task", "parameters", "dtype", "size", "fingerprint"]
    assert lines[1].split() == ["toy", "dialogue", "34,150", "int8", "0.0", "MB", fingerprint[:12]]
    assert lines[2].startswith("another  dialogue")


def test_no_models_are_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "list")
    assert (code, out) == (0, "")
    assert err.startswith("no model is installed; train one with")
    assert run(capsys, "list", "--json")[1] == "[]\n"


def test_a_damaged_model_is_listed_with_what_is_wrong(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "good")
    save_toy(shipped / "bad\x1b[31m")
    (shipped / "bad\x1b[31m" / WEIGHTS_FILE).unlink()
    save_toy(shipped / "cut")
    with (shipped / "cut" / WEIGHTS_FILE).open("r+b") as file:
        file.truncate(10_000)
    code, out, _ = run(capsys, "list")
    assert code == 0
    assert "the file is missing from the bundle" in out
    assert "\x1b" not in out
    found = json.loads(run(capsys, "list", "--json")[1])
    assert [("error" in one, one["shipped"]) for one in found] == [(True, True), (True, True), (False, True)]


def test_a_model_is_shown_with_its_card(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    fingerprint = save_toy(shipped / "toy", "float16")
    code, out, err = run(capsys, "show", "toy")
    assert (code, err) == (0, "")
    assert "parameters   34,150\n" in out
    assert f"fingerprint  {fingerprint}\n" in out
    assert "\n# toy\n\nA model for dialogue" in out
    facts = json.loads(run(capsys, "show", "toy", "--json")[1])
    assert (facts["dtype"], facts["fingerprint"], facts["training"]["epochs"]) == ("float16", fingerprint, 3)
    assert facts["card"].startswith("# toy")


def test_without_a_name_the_chosen_model_is_shown(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "cornell", name="the-default")
    save_toy(shipped / "toy")
    assert "name         the-default" in run(capsys, "show")[1]
    (home() / "config.toml").write_text('[chat]\nmodel = "toy"\n')
    assert "name         toy" in run(capsys, "show")[1]


def test_a_hostile_card_reaches_the_terminal_escaped(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "toy")
    (shipped / "toy" / "CARD.md").write_bytes(b"# hi\x1b]0;owned\x07\n\xff\xfe\rgone")
    code, out, _ = run(capsys, "show", "toy")
    assert code == 0
    assert "# hi\\x1b]0;owned\\x07\n" in out
    assert not set(out) & {"\x1b", "\x07", "\r"}


def test_an_unknown_model_is_one_line(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "cornell")
    assert run(capsys, "show", "cornel") == (2, "", "chatbot: no model named 'cornel'; did you mean 'cornell'?\n")


@pytest.mark.parametrize("dtype", ["int8", "float16", "float32"])
def test_an_exported_model_is_smaller_and_answers_its_golden_prompts(
    capsys: pytest.CaptureFixture[str], shipped: Path, dtype: str
) -> None:
    original = save_toy(shipped / "toy")
    code, out, err = run(capsys, "export", "toy", "--output", "copy", "--dtype", dtype, "--name", "small")
    assert (code, err) == (0, "")
    copy, source = load_bundle(Path("copy")), load_bundle(shipped / "toy")
    assert out.startswith("wrote copy: small, ")
    assert copy.fingerprint in out
    assert (copy.config.name, copy.config.weights_dtype) == ("small", dtype)
    assert copy.config.training["exported_from"] == original
    assert [one.source_ids for one in copy.config.golden] == [one.source_ids for one in source.config.golden]
    assert copy.config.golden[0].reply_ids
    assert "# small\n" in copy.card
    sizes = [(folder / WEIGHTS_FILE).stat().st_size for folder in (Path("copy"), shipped / "toy")]
    assert sizes[0] / sizes[1] == pytest.approx({"int8": 0.30, "float16": 0.51, "float32": 1.0}[dtype], abs=0.02)


def test_int8_is_what_is_exported_unless_told_otherwise(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "toy")
    facts = json.loads(run(capsys, "export", "toy", "--output", "copy", "--json")[1])
    assert (facts["dtype"], facts["name"], facts["path"]) == ("int8", "toy", "copy")


def test_a_copy_may_reply_with_settings_of_its_own(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "toy")
    assert run(capsys, "export", "toy", "--output", "copy", "--temperature", "0.7", "--beam-size", "3")[0] == 0
    before, after = (load_bundle(path).config.decoding for path in (shipped / "toy", Path("copy")))
    assert after == {**before, "temperature": 0.7, "beam_size": 3}


def test_nothing_is_replaced_unless_told_to(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "toy")
    first = save_toy(Path("copy"), seed=1)
    code, out, err = run(capsys, "export", "toy", "--output", "copy")
    assert (code, out) == (1, "")
    assert err == "chatbot: copy: exists already; replace it with --overwrite, or choose another --output\n"
    assert load_bundle(Path("copy")).fingerprint == first
    assert run(capsys, "export", "toy", "--output", "copy", "--overwrite")[0] == 0
    assert load_bundle(Path("copy")).fingerprint != first


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_no_bundle_is_never_replaced(capsys: pytest.CaptureFixture[str], shipped: Path, kind: str) -> None:
    save_toy(shipped / "toy")
    place = Path("mine")
    if kind == "file":
        place.write_text("dear diary")
    elif kind == "folder":
        place.mkdir()
        (place / "diary").write_text("dear")
    else:
        place.symlink_to("nowhere")
    code, _, err = run(capsys, "export", "toy", "--output", "mine", "--overwrite")
    assert (code, err) == (1, "chatbot: mine: exists and is no bundle; choose another --output\n")
    assert place.is_symlink() or place.exists()


def test_the_environment_has_no_say_in_what_a_copy_replies_with(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shipped: Path
) -> None:
    save_toy(shipped / "toy")
    before = load_bundle(shipped / "toy").config.decoding
    monkeypatch.setenv("CHATBOT_BEAM_SIZE", "7")
    assert run(capsys, "export", "toy", "--output", "copy")[0] == 0
    assert load_bundle(Path("copy")).config.decoding == before


def test_a_model_can_be_exported_over_itself(capsys: pytest.CaptureFixture[str], shipped: Path) -> None:
    save_toy(shipped / "toy")
    assert run(capsys, "export", "toy", "--output", str(shipped / "toy"), "--overwrite")[0] == 0
    assert load_bundle(shipped / "toy").config.weights_dtype == "int8"


def test_a_model_that_no_longer_answers_as_promised_is_not_exported(
    capsys: pytest.CaptureFixture[str], shipped: Path
) -> None:
    save_toy(shipped / "toy")
    values = json.loads((shipped / "toy" / CONFIG_FILE).read_text())
    values["golden"][0]["reply_ids"][0] ^= 1
    (shipped / "toy" / CONFIG_FILE).write_text(json.dumps(values))
    code, _, err = run(capsys, "export", "toy", "--output", "copy")
    assert code == 1
    assert err.startswith("chatbot: model 'toy' no longer answers its golden prompt 1 as it did")
    assert not Path("copy").exists()


@pytest.mark.parametrize("name", ["a/b", "", "..", "x\ny"])
def test_a_wrong_name_is_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str], shipped: Path, name: str
) -> None:
    save_toy(shipped / "toy")
    code, _, err = run(capsys, "export", "toy", "--output", "copy", "--name", name)
    assert code == 1
    assert "name: must be a plain name" in err
    assert err.count("\n") == 1
    assert not Path("copy").exists()

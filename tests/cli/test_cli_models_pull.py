"""`chatbot models pack`, `index`, `pull` and `remove`, as a person types them."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from file_server import Site, serving
from toy_bundle import save_toy

from chatbot.bundle import locate
from chatbot.bundle.folder import CONFIG_FILE
from chatbot.bundle.loading import load_bundle
from chatbot.bundle.of_task import models_for
from chatbot.cli.main import main
from chatbot.home import home

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two toy bundles."""
    folder = tmp_path_factory.mktemp("made")
    save_toy(folder / "toy", "int8")
    save_toy(folder / "other", "int8", seed=1, name="other")
    return folder


@pytest.fixture
def run(tmp_path: Path, made: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `chatbot models`, in a folder with toy.tar and other.tar."""

    def call(*words: object) -> tuple[int, str, str]:
        code = main(["models", *map(str, words)])
        return code, *capsys.readouterr()

    monkeypatch.setattr(locate, "SHIPPED", tmp_path / "none")
    monkeypatch.chdir(tmp_path)
    for name in ("toy", "other"):
        assert call("pack", made / name, "--output", f"{name}.tar")[0] == 0
    return call


@pytest.fixture
def site(run: Run) -> Iterator[Site]:
    """A server of the archives and their index."""
    run("index", ".")
    with serving() as site:
        site.files = {f"/{path.name}": path.read_bytes() for path in Path().iterdir() if path.is_file()}
        yield site


def failing(run: Run, *words: object, code: int = 1) -> str:
    """The one line that a command ends with."""
    found, out, err = run(*words)
    assert (found, out, err.count("\n")) == (code, "", 1)
    return err


def left() -> list[str]:
    """What lies in the folder of models."""
    return sorted(path.name for path in (home() / "models").iterdir())


def test_a_packed_file_is_installed_and_found_by_its_name(run: Run, made: Path) -> None:
    code, out, err = run("pull", "toy.tar")
    assert (code, err) == (0, "")
    assert out.startswith("installed toy (dialogue, ")
    assert out.endswith("try: chatbot --model toy\n")
    assert load_bundle(locate.find_model("toy")).fingerprint == load_bundle(made / "toy").fingerprint
    assert left() == ["toy"]
    assert list(models_for("dialogue")) == ["toy"]  # what Tab offers after /model


def test_pack_says_what_an_index_holds(run: Run, made: Path) -> None:
    assert "exists already; replace it with --overwrite" in failing(run, "pack", made / "toy", "--output", "toy.tar")
    assert run("pack", made / "toy", "--output", "a/shelf/toy.tar")[0] == 0
    assert Path("a/shelf/toy.tar").read_bytes() == Path("toy.tar").read_bytes()
    code, out, _ = run("pack", made / "toy", "--output", "toy.tar", "--overwrite", "--json")
    entry = json.loads(out)["toy"]
    assert entry["sha256"] == hashlib.sha256(Path("toy.tar").read_bytes()).hexdigest()
    assert (code, entry["url"], entry["task"]) == (0, "toy.tar", "dialogue")
    assert run("index", ".", "--json")[1] == Path("index.json").read_text()
    assert json.loads(Path("index.json").read_text())["toy"] == entry


def test_a_model_that_is_damaged_is_not_packed(run: Run, made: Path) -> None:
    shutil.copytree(made / "toy", "bad")
    values = json.loads(Path("bad", CONFIG_FILE).read_text())
    values["golden"][0]["reply_ids"][0] ^= 1
    Path("bad", CONFIG_FILE).write_text(json.dumps(values))
    assert "no longer answers its golden prompt" in failing(run, "pack", "bad", "--output", "bad.tar")
    assert not Path("bad.tar").exists()


def test_a_model_is_installed_from_an_address(run: Run, site: Site) -> None:
    code, out, err = run("pull", f"{site.url}/toy.tar", "--name", "my toy", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["path"] == str(home() / "models" / "my toy")
    assert left() == ["my toy"]


def test_a_name_is_looked_up_in_the_index(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("pull", "toy", "--index", f"{site.url}/index.json")[0] == 0
    assert run("pull", "other", "--index", "index.json")[0] == 0
    assert left() == ["other", "toy"]
    code, out, err = run("pull", "toy", "--index", "index.json")
    assert (code, out, err) == (0, "", "toy is installed already, and is what the index has\n")
    assert json.loads(run("pull", "toy", "--index", "index.json", "--json")[1])["name"] == "toy"
    assert "did you mean 'toy'?" in failing(run, "pull", "toi", "--index", "index.json", code=2)
    assert "no index of models is known" in failing(run, "pull", "toi", code=2)
    monkeypatch.setenv("CHATBOT_MODELS_INDEX", "none.json")
    assert "none.json: the index of models cannot be read" in failing(run, "pull", "toi")
    monkeypatch.delenv("CHATBOT_MODELS_INDEX")
    (home() / "config.toml").write_text('[chat]\nmodels_index = "index.json"\n')
    assert run("pull", "toy", "--name", "again")[0] == 0


def test_what_an_index_offers_is_listed(run: Run, site: Site) -> None:
    code, out, err = run("list", "--available", "--index", f"{site.url}/index.json")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["name", "task", "size", "description"]
    assert [line.split()[:2] for line in lines[1:]] == [["other", "dialogue"], ["toy", "dialogue"]]
    found = json.loads(run("list", "--available", "--index", "index.json", "--json")[1])
    assert found["toy"]["sha256"] == hashlib.sha256(Path("toy.tar").read_bytes()).hexdigest()
    assert "no index of models is known" in failing(run, "list", "--available", code=2)


def test_a_taken_name_is_kept_unless_told_otherwise(
    run: Run, made: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("pull", "toy.tar")[0] == 0
    assert "exists already; replace it with --overwrite" in failing(run, "pull", "other.tar", "--name", "toy")
    assert "exists already" in failing(run, "pull", f"{site.url}/toy.tar")
    asked = len(site.asked)
    assert run("pull", f"{site.url}/toy.tar", "--force")[0] == 0
    assert "Range" in site.asked[asked]  # what had come was not thrown away
    assert run("pull", "other.tar", "--name", "toy", "--force")[0] == 0
    assert load_bundle(locate.find_model("toy")).fingerprint == load_bundle(made / "other").fingerprint
    (home() / "models" / "diary").mkdir()
    assert "exists and is no bundle" in failing(run, "pull", "toy.tar", "--name", "diary", "--force")
    monkeypatch.setattr(locate, "SHIPPED", made)
    assert "is the name of a model in the box" in failing(run, "pull", "toy.tar", "--force", code=2)


def test_a_wrong_checksum_installs_nothing_and_removes_nothing(run: Run, site: Site) -> None:
    assert run("pull", "toy.tar")[0] == 0
    right = hashlib.sha256(Path("other.tar").read_bytes()).hexdigest()
    for source in ("other.tar", f"{site.url}/other.tar"):
        line = failing(run, "pull", source, "--name", "toy", "--force", "--sha256", "ab" * 32)
        assert f"must have the sha256 {'ab' * 32}, but has {right}; nothing was installed" in line
    assert Path("other.tar").exists()
    assert load_bundle(locate.find_model("toy")).config.name == "toy"
    assert left() == ["toy"]
    assert run("pull", "other.tar", "--sha256", right.upper())[0] == 0
    assert "--sha256 must be 64 hexadecimal digits" in failing(run, "pull", "other.tar", "--sha256", "12")


def test_what_is_no_bundle_is_one_line_that_names_its_source(run: Run, site: Site) -> None:
    assert failing(run, "pull", f"{site.url}/index.json").startswith(f"chatbot: {site.url}/index.json: is no model's")
    content = bytearray(site.files["/toy.tar"])
    content[40_000:40_064] = b"\xff" * 64
    site.files["/bad.tar"] = bytes(content)
    line = failing(run, "pull", f"{site.url}/bad.tar")
    assert line.startswith(f"chatbot: {site.url}/bad.tar: is damaged: the files in it are not those of its SHA256SUMS")
    assert "no such file" in failing(run, "pull", "none.tar")
    assert "is a folder; pack it first" in failing(run, "pull", "./", code=2)
    assert left() == []


def test_what_broke_off_is_kept_for_the_next_time(run: Run, site: Site) -> None:
    site.breaks = [10_000, 0]
    assert "10,000 bytes that came are kept" in failing(run, "pull", f"{site.url}/toy.tar")
    assert [place.name for place in locate.list_models()] == []
    assert run("pull", f"{site.url}/toy.tar")[0] == 0
    assert left() == ["toy"]
    assert site.asked[-1]["Range"] == "bytes=10000-"


def test_ctrl_c_says_how_to_go_on(run: Run, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatbot.bundle import download

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(download.os, "fsync", stopped)
        patched.setattr(download, "write_atomically", lambda path, content, mode: path.write_bytes(content))
        code, out, err = run("pull", f"{site.url}/toy.tar")
    assert (code, out) == (130, "")
    assert err.startswith("chatbot: stopped; the ")
    assert err.endswith("bytes that came are kept; type the same line again to go on from there\n")
    assert run("pull", f"{site.url}/toy.tar")[0] == 0


def test_an_installed_model_is_removed_after_asking(run: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("pull", "toy.tar")[0] == 0
    assert "add --yes" in failing(run, "remove", "toy", code=2)
    assert "did you mean 'toy'?" in failing(run, "remove", "tyo", "--yes", code=2)
    assert run("remove", "toy", "--yes") == (0, "removed toy\n", "")
    assert left() == []
    (home() / "models" / "linked").symlink_to(made / "toy")
    assert run("remove", "linked", "--yes")[0] == 0
    assert (made / "toy" / CONFIG_FILE).exists()
    assert "none was installed" in failing(run, "remove", "../made", "--yes", code=2)
    monkeypatch.setattr(locate, "SHIPPED", made)
    assert "is in the box" in failing(run, "remove", "toy", "--yes", code=2)

from __future__ import annotations

from pathlib import Path

import pytest
from toy_bundle import save_toy

from chatbot.bundle import locate
from chatbot.bundle.locate import find_model, list_models
from chatbot.errors import BundleError, ChatbotError, UsageError
from chatbot.home import home


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models with none in it; the tests run in an empty folder."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    monkeypatch.setattr(locate, "SHIPPED", folder)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return folder


def test_no_name_is_the_default_model(shipped: Path) -> None:
    with pytest.raises(UsageError, match="the default model 'cornell' is not installed"):
        find_model()
    save_toy(shipped / "cornell")
    assert find_model() == shipped / "cornell"


def test_a_shipped_name_comes_before_an_own_one_and_a_folder(shipped: Path) -> None:
    save_toy(Path("toy"))
    assert find_model("toy") == Path("toy")
    save_toy(home() / "models" / "toy")
    assert find_model("toy") == home() / "models" / "toy"
    save_toy(shipped / "toy")
    assert find_model("toy") == shipped / "toy"
    assert find_model("./toy") == Path("toy")


def test_models_are_listed_by_name(shipped: Path) -> None:
    assert list_models() == []
    for folder in (shipped / "b", shipped / "a", home() / "models" / "c", home() / "models" / "a"):
        save_toy(folder)
    (shipped / "no-model").mkdir()
    (shipped / ".hidden").mkdir()
    (shipped / ".hidden" / "config.json").write_text("{}")
    assert [(place.name, place.shipped) for place in list_models()] == [("a", True), ("b", True), ("c", False)]


def test_a_run_and_a_bundle_are_found_by_their_path(tmp_path: Path) -> None:
    save_toy(tmp_path / "run" / "bundle")
    assert find_model(str(tmp_path / "run")) == tmp_path / "run" / "bundle"
    assert find_model(str(tmp_path / "run" / "bundle")) == tmp_path / "run" / "bundle"


def test_the_home_folder_may_be_written_as_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    save_toy(tmp_path / "mine")
    assert find_model("~/mine") == tmp_path / "mine"


def test_an_unknown_name_gets_the_nearest_one(shipped: Path) -> None:
    with pytest.raises(UsageError, match="no model named 'cornel'; train one with: chatbot train"):
        find_model("cornel")
    save_toy(shipped / "cornell")
    with pytest.raises(UsageError, match="no model named 'cornel'; did you mean 'cornell'"):
        find_model("cornel")


def test_a_folder_without_a_bundle_says_what_was_expected(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"holds no bundle; expected a folder with config\.json"):
        find_model(str(tmp_path))
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(BundleError, match="has not written a bundle yet"):
        find_model(str(tmp_path))
    with pytest.raises(UsageError, match="there is no such folder"):
        find_model(str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    "name", ["", "\0", "x" * 100_000, "~nobody-of-this-name/x", "\udcff", "a\nb", "/dev/null", "-"]
)
def test_odd_names_get_one_line(name: str) -> None:
    with pytest.raises(ChatbotError) as raised:
        find_model(name)
    assert len(str(raised.value)) < 500

"""Looking at a reply: what the model thought, where it looked, what a search finds; and copying and timing it."""

from __future__ import annotations

import base64
import dataclasses
import math
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from emulator import Person, at_terminal
from paper import Paper
from prompt_toolkit.utils import get_cwidth
from small_corpus import write_dataset

from chatbot.errors import ChatbotError
from chatbot.repl.explain import heat, search, steps
from chatbot.repl.talk import Asked

VIEWS = ("/why", "/attention", "/beams", "/probabilities", "/alternatives", "/time")


@pytest.fixture
def paper(paper: Paper) -> Paper:
    paper.types("hello")
    return paper


def model_and_reply(paper: Paper) -> tuple[Any, Any]:
    return paper.talk.model.result(), paper.talk.conversation.result().turns[-1].reply


def test_what_is_recomputed_is_what_the_receipt_says(paper: Paper) -> None:
    model, reply = model_and_reply(paper)
    found = steps(model, reply)
    assert [one.chosen.log_prob for one in found] == pytest.approx(reply.token_log_probs, abs=1e-4)
    for one in found:
        rivals = [rival.log_prob for rival in one.rivals]
        assert len(rivals) == 3
        assert rivals == sorted(rivals, reverse=True)
        assert one.chosen.token not in [rival.token for rival in one.rivals]
        cold, warm = one.tempered
        assert dict(warm)[one.chosen.token] == pytest.approx(math.exp(one.chosen.log_prob), abs=1e-4)
        assert cold[0][1] >= warm[0][1]
        assert sum(probability for _, probability in cold) <= 1 + 1e-6


def test_attention_has_a_row_for_each_token_and_a_column_for_what_was_read(paper: Paper) -> None:
    model, reply = model_and_reply(paper)
    found = heat(model, reply)
    assert found.weights.shape == (len(reply.token_log_probs), len(reply.context_ids))
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, atol=1e-5)
    assert len(found.reply) == len(reply.token_log_probs)


def test_a_search_as_wide_as_the_reply_s_finds_it_again(paper: Paper) -> None:
    model, reply = model_and_reply(paper)
    found = search(model, reply, reply.settings.beam_size, lambda: False)
    ended = len(reply.token_log_probs) > len(reply.tokens)
    assert found[0].tokens == (*reply.tokens, *(["<eos>"] if ended else []))
    assert found[0].log_probs == pytest.approx(reply.token_log_probs)


def test_what_a_search_dropped_was_followed_and_led_to_nothing(paper: Paper) -> None:
    model, reply = model_and_reply(paper)
    ran = search(model, reply, 4, lambda: False)
    found = [one.tokens for one in ran if not one.dropped]
    dropped = [one for one in ran if one.dropped]
    ids = {piece: number for number, piece in enumerate(model.tokenizer.pieces(range(model.tokenizer.size)))}
    assert len(found) == 4
    assert dropped
    for one in dropped:
        assert not [tokens for tokens in found if tokens[: len(one.tokens)] == one.tokens]
        said = dataclasses.replace(
            reply, token_ids=tuple(ids[token] for token in one.tokens), token_log_probs=one.log_probs
        )
        assert [step.chosen.log_prob for step in steps(model, said)] == pytest.approx(one.log_probs, abs=1e-4)
    assert re.search(r"(^| )x ", paper.types("/beams 4"), re.MULTILINE)
    assert re.search(r"\d+ more were dropped, sooner than these\.", paper.types("/beams 100"))


def test_every_view_has_something_to_say(paper: Paper) -> None:
    _, reply = model_and_reply(paper)
    assert len([line for line in paper.types("/why").splitlines() if line.endswith("%")]) >= len(reply.tokens)
    assert "temperature" in paper.types("/why 1")
    assert paper.types("/attention").count("%") >= len(reply.tokens)
    assert "A beam" not in paper.types("/beams 4")
    assert " 4 finds" in paper.types("/beams 4")
    assert " 3 finds" in paper.types("/beams")
    shown = paper.types("/probabilities").splitlines()[0]
    assert re.sub(r"[][(){} ]|end", "", shown) == re.sub(r"[][(){} ]|end", "", reply.text)
    assert re.search(r"last reply  .*s, \d+ tokens, \d+ a second", paper.types("/time"))
    assert "loading" in paper.types("/time")


def test_greedy_search_has_no_alternatives_and_says_how_to_get_some(paper: Paper) -> None:
    paper.types("/set beam_size 1")
    paper.types("again")
    assert "/set beam_size 5 keeps more" in paper.types("/alternatives")
    assert paper.types("/reset") == "Back to the model's own: beam_size.\n"
    assert paper.types("/reset") == "All settings are the model's own already.\n"
    assert paper.talk.settings.beam_size == 3


def test_what_a_new_ranking_counted_is_shown(paper: Paper) -> None:
    assert "(model " not in paper.types("/alternatives")
    paper.types("/set rerank_repetition 2")
    paper.types("hello")
    listed = paper.types("/alternatives").splitlines()[1:-1]
    assert len(listed) == 3
    assert "-0.00" not in "".join(listed)
    for line in listed:
        parts = [float(part) for part in re.findall(r"(?:model|repetition) (-?[\d.]+)", line)]
        assert sum(parts) == pytest.approx(float(line.split()[1]), abs=0.011)


def test_what_an_old_reply_was_ranked_by_is_kept(paper: Paper) -> None:
    paper.types("/set rerank_repetition 2")
    paper.types("hello")
    listed = paper.types("/alternatives")
    assert listed.count("repetition ") == 3
    paper.types("/new")
    paper.talk.conversation.result()
    paper.types("/open 1")
    assert paper.types("/alternatives") == listed


def test_an_old_conversation_can_be_looked_at_where_the_model_fits(paper: Paper, tmp_path: Path) -> None:
    before = [paper.types(view) for view in VIEWS[:4]]
    paper.types("/new")
    paper.talk.conversation.result()
    paper.types("/open 1")
    assert [paper.types(view) for view in VIEWS[:4]] == before
    conversation = paper.talk.conversation.result()
    turn = conversation.turns[-1]
    other = dataclasses.replace(turn.reply, fingerprint="f" * 64)
    conversation.dialogue.turns = (dataclasses.replace(turn, reply=other),)
    with pytest.raises(
        ChatbotError, match=r"^model 'tiny' \(ffffffffffff\) made this reply, but .* load it with /model$"
    ):
        paper.types("/why")
    with pytest.raises(ChatbotError, match="/beams cannot work now: model 'tiny'"):
        paper.types("/beams")
    assert "/attention" not in paper.offers("/")
    bare = dataclasses.replace(turn.reply, tokens=(), token_ids=(), token_log_probs=(), context_ids=())
    conversation.dialogue.turns = (dataclasses.replace(turn, reply=bare),)
    for view in ("/why", "/attention", "/probabilities"):
        with pytest.raises(ChatbotError, match="without a receipt"):
            paper.types(view)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("/why 2", r"^/why takes the number of a turn, 1, as there is one turn, but received '2'$"),
        ("/why x", r"received 'x'$"),
        ("/beams 1", r"^/beams takes a beam size from 2 to 100, but received '1'$"),
        ("/attention file.jpg", r"^/attention takes the name of a \.png file, but received 'file\.jpg'$"),
        ("/copy", r"^/copy cannot work now: there is no terminal to ask"),
        ("/time now", r"^/time takes no argument"),
    ],
)
def test_what_cannot_be_done_is_one_line(paper: Paper, line: str, error: str) -> None:
    with pytest.raises(ChatbotError, match=error):
        paper.types(line)


def test_what_was_learned_that_is_nearest_is_shown(paper: Paper, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "data")
    with pytest.raises(ChatbotError, match=r"^/source needs the dataset that the model learned from, such as: /source"):
        paper.types("/source")
    shown = paper.types(f"/source {folder}")
    assert shown.count("you> ") == shown.count("bot> ") == shown.count("  (chrF ") <= 3
    assert re.search(rf"(No reply in|This one is in) {re.escape(str(folder))}\b", shown.replace("\n", " "))
    assert paper.types("/source") == shown
    with pytest.raises(ChatbotError, match=r"nowhere"):
        paper.types("/source nowhere")


def test_values_are_offered(paper: Paper) -> None:
    assert paper.offers("/why ").keys() == {"1"}
    assert "5" in paper.offers("/beams ")
    assert "attention.png" in paper.offers("/attention ")


def test_a_picture_is_saved_once(paper: Paper, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "heat.png"
    assert paper.types(f"/attention {path}").startswith("Saved ")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ChatbotError, match="exists already"):
        paper.types(f"/attention {path}")


def test_without_matplotlib_a_picture_is_one_line(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ChatbotError, match=r"^a picture needs matplotlib; install it with: pip install matplotlib$"):
        paper.types("/attention heat.png")


@pytest.mark.parametrize("columns", [40, 80, 250])
def test_views_on_the_screen_fit(tiny_bundle: Path, columns: int) -> None:
    async def script(person: Person) -> None:
        await person.says("hello 世界")
        for view in VIEWS:
            await person.says(view)

    person = at_terminal(Asked(model=str(tiny_bundle)), script, columns=columns, lines=200)
    assert not re.search("cannot|unexpected|unknown", person.screen)
    assert "██" in person.screen or "▒▒" in person.screen
    assert "├─" in person.screen
    for line in person.screen.split("\n"):
        assert get_cwidth(line) <= columns


def test_probabilities_are_coloured_unless_there_is_no_colour(
    tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.says("/probabilities")

    def legend(person: Person) -> set[str]:
        (row,) = [row for row, line in enumerate(person.terminal.display) if line.startswith("Probability of")]
        return {cell.fg for cell in person.terminal.buffer[row].values()}

    assert len(legend(at_terminal(Asked(model=str(tiny_bundle)), script, columns=120))) == 5
    monkeypatch.setenv("NO_COLOR", "1")
    person = at_terminal(Asked(model=str(tiny_bundle)), script, columns=120)
    assert len(legend(person)) == 1
    assert "{less}" in person.screen


def test_copying_asks_the_terminal(tiny_bundle: Path) -> None:
    async def script(person: Person) -> None:
        await person.says("hello")
        await person.says("/copy")
        await person.sees("Asked the terminal to copy")

    person = at_terminal(Asked(model=str(tiny_bundle)), script)
    (asked,) = re.findall(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07", person.cable.getvalue())
    assert f"bot> {base64.b64decode(asked).decode()}" in person.screen.replace("\n     ", " ")

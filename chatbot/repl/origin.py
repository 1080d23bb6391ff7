"""The command /source: what a model learned from that is nearest to a reply, and whether it says that again."""

from __future__ import annotations

from pathlib import Path

from chatbot.errors import UsageError
from chatbot.repl.behind import looking
from chatbot.repl.commands import Command
from chatbot.repl.loading import Stop
from chatbot.repl.standing import no_turn, reply_at
from chatbot.repl.talk import Shown, Talk
from chatbot.repl.view import BRIEF, View

NEARBY = 3  # exchanges shown


def _source(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.data.dataset import Dataset
    from chatbot.evaluation.nearest import nearest

    folder = text or talk.learned_from
    if not folder:
        raise UsageError("/source needs the dataset that the model learned from, such as: /source data/cornell")
    found = nearest(Dataset.open(Path(folder)), reply_at(talk).text, NEARBY)
    talk.learned_from = folder

    def show(view: View) -> None:
        for one in found:
            view.said(one.prompt, BRIEF)
            view.reply(one.reply, most=BRIEF)
            view.note(f"  (chrF {one.nearness:.0f})")
        view.note(_again(found[0].verbatim if found else 0, folder))

    return show


def _again(times: int, folder: str) -> str:
    if not times:
        return f"No reply in {folder} is this one, word for word."
    return f"This one is in {folder} word for word, {times:,} time{'s' if times > 1 else ''}."


SOURCE = Command(
    "source", "[DATA]", "what the model learned from that is nearest to the last reply", looking(_source), no_turn
)

"""Commands about the conversation's branches: /retry, /edit, /fork, /tree and /pick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatbot.errors import ChatbotError, UsageError
from chatbot.repl.behind import changing, looking, noted
from chatbot.repl.commands import Choices, Command
from chatbot.repl.drawing_tree import numbered, roots, tree_lines
from chatbot.repl.loading import Stop
from chatbot.repl.recording import history_of, no_reply, not_recorded, recorded
from chatbot.repl.standing import explainer, no_turn, nothing_said, reply_at
from chatbot.repl.talk import Errand, Shown, Talk, Work
from chatbot.repl.view import BRIEF, View

if TYPE_CHECKING:
    from chatbot.dialogue.reply import Reply


def _said(outcome: Reply | Shown, remark: str) -> Shown:
    def show(view: View) -> None:
        if callable(outcome):
            outcome(view)
        else:
            view.reply(outcome.text, outcome.complete)
        view.note(remark)

    return show


def _retry(talk: Talk, text: str) -> Work:
    again = talk.retry()

    def work(stop: Stop) -> Shown:
        reply = again(stop)
        count = len(talk.conversation.result().turns[-1].shown)
        return _said(reply, f"(reply {count} of {count})")

    return work


def _edit(talk: Talk, text: str) -> Work | None:
    first, _, rest = text.partition(" ")
    numbered_turn = first.isdecimal() and first.isascii() and len(first) < 9 and 1 <= int(first) <= talk.turns
    place, new = (int(first), rest.strip()) if numbered_turn else (talk.turns, text)
    if not new:
        _offer(talk, place)
        return None
    conversation = talk.conversation.result()

    def work(stop: Stop) -> Shown:
        return _said(talk.after(conversation.edit(place, new, stop, talk.hear), stop), f"(turn {place} edited)")

    return work


def _offer(talk: Talk, place: int) -> None:
    """Put the old text at the prompt, to be edited there."""
    draft = f"/edit {place} {talk.conversation.result().turns[place - 1].text}"
    if talk.view.plain:
        talk.view.note(f"Type the new text after the number, as in: {draft}")
    else:
        talk.draft = draft


def _fork(talk: Talk, text: str) -> Shown:
    from chatbot.store.forking import fork

    assert talk.number is not None
    before = talk.number
    number = fork(history_of(talk), before)
    talk.resume(number)
    along = "Ratings, corrections and notes on its replies came along; its bookmark and other branches did not."
    return noted(f"Conversation {number} begins as a copy of {before}, which stays as it is: /open {before}\n{along}")


def _tree(talk: Talk, text: str, stop: Stop) -> Shown:
    assert talk.number is not None
    grown = roots(history_of(talk).show(talk.number))

    def show(view: View) -> None:
        view.drawing(tree_lines(grown, view.canvas.columns(), boxes=not view.plain))
        view.note("* stands; /pick #NUMBER goes on from another reply.")

    return show


def _pick(talk: Talk, text: str) -> Work:
    if text.startswith("#"):
        return Errand(lambda stop: _stand(talk, text))
    reply = reply_at(talk)
    count = len(reply.alternatives) + 1
    if not (text.isdecimal() and text.isascii() and len(text) < 9 and 1 <= int(text) <= count):
        numbers = f"1 to {count} (see /alternatives)" if count > 1 else "none: it has no alternatives"
        raise UsageError(f"/pick takes the number of an alternative, {numbers}, but received {text[:40]!r}")
    rank = int(text) - 1
    if rank == reply.rank:
        raise UsageError(f"alternative {text} is the reply that stands")
    model = explainer(talk, reply)
    wanted = reply.alternatives[rank if rank < reply.rank else rank - 1].text

    def work(stop: Stop) -> Shown:
        again = model.answer_ids(reply.context_ids, reply.settings, stop, rank=rank, words=reply.context_words)
        if again.text != wanted or not again.complete:
            raise ChatbotError(f"alternative {text} could not be made again; /retry finds another reply")
        talk.conversation.result().take(again, model)
        return _said(talk.after(again, stop), f"(alternative {text} of {count})")

    return work


def _stand(talk: Talk, text: str) -> Shown:
    if why := no_reply(talk):
        raise UsageError(f"/pick {text[:40]} cannot work now: {why}")
    assert talk.number is not None
    numbers = numbered(history_of(talk).show(talk.number))
    digits = text[1:]
    reply_id = numbers.get(int(digits)) if digits.isdecimal() and digits.isascii() and len(digits) < 9 else None
    if reply_id is None:
        raise UsageError(f"/pick takes the number of a reply, #1 to #{len(numbers)} (see /tree), but received {text!r}")
    recorded(talk).stand(reply_id)
    turn = talk.conversation.result().turns[-1]

    def show(view: View) -> None:
        view.said(turn.text, BRIEF)
        view.reply(turn.reply.text, turn.reply.complete, BRIEF)

    return show


def _pick_choices(talk: Talk, words: list[str]) -> Choices:
    if len(words) != 1 or not talk.turns:
        return ()
    reply = reply_at(talk)
    texts = [one.text for one in reply.alternatives]
    texts.insert(reply.rank, reply.text)
    offered = [(str(place), text) for place, text in enumerate(texts, start=1) if place != reply.rank + 1]
    if not no_reply(talk) and talk.number:
        transcript = history_of(talk).show(talk.number)
        said = {one.id: one.text for turn in transcript.turns for one in turn.replies}
        offered += [(f"#{number}", said[reply_id]) for number, reply_id in numbered(transcript).items()]
    return offered


def _edit_choices(talk: Talk, words: list[str]) -> Choices:
    if len(words) != 1 or not talk.turns:
        return ()
    return [(str(place), turn.text) for place, turn in enumerate(talk.conversation.result().turns, start=1)]


def _not_picked(talk: Talk) -> str | None:
    if why := no_turn(talk):
        return why
    if not reply_at(talk).alternatives and no_reply(talk):
        return "the last reply has no alternatives"
    return None


RETRY = Command("retry", "", "another reply to what you said last", _retry, nothing_said)
EDIT = Command(
    "edit", "[n] [text]", "say your last line, or your line n, in other words", _edit, no_turn, _edit_choices
)
FORK = Command("fork", "", "a new conversation that begins as a copy of this one", changing(_fork), no_reply)
TREE = Command("tree", "", "all branches of this conversation", looking(_tree), not_recorded)
PICK = Command("pick", "N|#N", "go on from alternative N, or reply #N of /tree", _pick, _not_picked, _pick_choices)

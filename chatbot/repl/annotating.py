"""Commands that say something about the last reply or the conversation: /rate, /correct, /note and /bookmark."""

from __future__ import annotations

from chatbot.errors import UsageError
from chatbot.repl.behind import changing, noted
from chatbot.repl.commands import Choices, Command
from chatbot.repl.recording import history_of, last_reply, no_reply, not_recorded, recorded
from chatbot.repl.talk import Shown, Talk

RATINGS = {"good": 5, "bad": 1, **{str(rating): rating for rating in range(1, 6)}}
MEANING = {"good": "as 5", "bad": "as 1", "1": "bad", "2": "poor", "3": "fair", "4": "well said", "5": "good"}


def _rate(talk: Talk, text: str) -> Shown:
    from chatbot.store.annotations import rate

    rating = RATINGS.get(text.lower())
    if rating is None:
        received = f"but received {text[:40]!r}" if text else "such as: /rate good"
        raise UsageError(f"/rate takes a number from 1 to 5, 'good' or 'bad', {received}")
    rate(history_of(talk), last_reply(talk), rating)
    return noted(f"Rated the last reply {rating} of 5.")


def _rate_choices(talk: Talk, words: list[str]) -> Choices:
    return MEANING.items() if len(words) == 1 else ()


def _correct(talk: Talk, text: str) -> Shown:
    from chatbot.store.annotations import correct

    if not text:
        raise UsageError("/correct needs what the last reply should have been: /correct BETTER REPLY")
    correct(history_of(talk), last_reply(talk), text)
    return noted("Kept as the better reply; chatbot history export --as corpus makes training data of it.")


def _correct_choices(talk: Talk, words: list[str]) -> Choices:
    """What was replied, to be edited."""
    turns = talk.conversation.result().turns if len(words) == 1 and talk.turns else ()
    return [(turns[-1].reply.text, "the reply it corrects")] if turns else ()


def _note(talk: Talk, text: str) -> Shown:
    from chatbot.store.annotations import note

    if not text:
        raise UsageError("/note needs a text: /note TEXT")
    assert talk.number is not None
    last = recorded(talk).last
    note(history_of(talk), talk.number, last[1] if last else None, text)
    return noted("Noted on the last reply." if last else "Noted on the conversation.")


def _bookmark(talk: Talk, text: str) -> Shown:
    from chatbot.store.annotations import bookmark

    assert talk.number is not None
    marked = bookmark(history_of(talk), talk.number)
    return noted(f"Conversation {talk.number} is {'bookmarked' if marked else 'no longer bookmarked'}.")


RATE = Command("rate", "1-5|good|bad", "rate the last reply", changing(_rate), no_reply, _rate_choices)
CORRECT = Command(
    "correct", "REPLY", "what the last reply should have been", changing(_correct), no_reply, _correct_choices
)
NOTE = Command("note", "TEXT", "keep a note on the last reply", changing(_note), not_recorded)
BOOKMARK = Command("bookmark", "", "bookmark this conversation, or take it away", changing(_bookmark), not_recorded)

"""Commands that show the last reply otherwise: /alternatives, /probabilities, /copy, /time; and /reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from chatbot.errors import UsageError
from chatbot.repl.adjusting import described
from chatbot.repl.commands import Command
from chatbot.repl.drawing_probabilities import coloured, legend, parts
from chatbot.repl.standing import no_turn, place_choices, place_of, reply_at
from chatbot.repl.styled import wrap_styled
from chatbot.repl.talk import Talk
from chatbot.repl.view import Fragments
from chatbot.terminal import visible

if TYPE_CHECKING:
    from chatbot.decoding.rerank import Part

MOST_COPIED = 50_000  # bytes; terminals take no more at once


def _alternatives(talk: Talk, text: str) -> None:
    reply = reply_at(talk)
    if not reply.alternatives:
        talk.view.note(_alone(reply.settings.temperature > 0))
        return
    found = [(one.text + _parts(one.parts), one.score, one.log_prob) for one in reply.alternatives]
    found.insert(reply.rank, (reply.text + _parts(reply.parts), reply.score, sum(reply.token_log_probs)))
    numbered = enumerate(found, start=1)
    talk.view.table(
        [
            ("", "score", "log p", "reply"),
            *(
                (f"{'*' if place == reply.rank + 1 else ' '}{place}", f"{score:.2f}", f"{log_prob:.2f}", said)
                for place, (said, score, log_prob) in numbered
            ),
        ]
    )
    talk.view.note("* stands; /pick NUMBER goes on from another.")


def _parts(parts: Mapping[str, Part]) -> str:
    """What the score is the sum of, where the n-best were ranked anew."""
    summed = ", ".join(f"{name} {round(part.score * part.weight, 2) + 0.0:.2f}" for name, part in parts.items())
    return f"  ({summed})" if summed else ""


def _alone(sampled: bool) -> str:
    what = "One sample was drawn" if sampled else "Greedy search keeps one reply"
    many = "/set beam_size 5 draws more" if sampled else "/set beam_size 5 keeps more"
    return f"{what}, so there are no alternatives. {many} from the next reply on; /retry finds another one now."


def _probabilities(talk: Talk, text: str) -> None:
    reply = reply_at(talk, place_of(talk, text, "probabilities"))
    colours = talk.view.canvas.colours()
    shown = [(visible(part), probability) for part, probability in parts(reply.tokens, reply.token_log_probs)]
    if not shown:
        raise UsageError("this reply came without a receipt, so its probabilities are not known")
    _flow(talk, coloured(shown, colours))
    _flow(talk, [("class:note", "Probability of each part: "), *legend(colours)])


def _flow(talk: Talk, fragments: Fragments) -> None:
    columns = max(10, talk.view.canvas.columns())
    talk.view.drawing(wrap_styled(fragments, columns, columns))


def _copy(talk: Talk, text: str) -> None:
    reply = reply_at(talk, place_of(talk, text, "copy")).text
    if len(reply.encode("utf-8", "replace")) > MOST_COPIED:
        raise UsageError(f"the reply is longer than the {MOST_COPIED} bytes that terminals copy")
    if not talk.view.canvas.copy(reply):
        raise UsageError("/copy needs a terminal; here, select the text")
    talk.view.note(f"Asked the terminal to copy {len(reply)} characters (OSC 52); not every terminal allows it.")


def _time(talk: Talk, text: str) -> None:
    rows = []
    if talk.turns:
        reply = reply_at(talk)
        count, seconds = len(reply.token_log_probs), reply.seconds
        speed = f", {count / seconds:.0f} a second" if count and seconds > 0 else ""
        rows.append(("last reply", f"{_duration(seconds)}, {count} token{'s' if count != 1 else ''}{speed}"))
    if talk.loaded:
        rows.append(("loading", f"{_duration(talk.load_seconds)}, {described(talk)}"))
    talk.view.table(rows)


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _untimed(talk: Talk) -> str | None:
    return None if talk.turns or talk.loaded else "the model is not loaded yet"


def _reset(talk: Talk, text: str) -> None:
    names = ", ".join(talk.given)
    talk.given.clear()
    talk.view.note(f"Back to the model's own: {names}." if names else "All settings are the model's own already.")


def _uncopied(talk: Talk) -> str | None:
    return "there is no terminal to ask; select the text instead" if talk.view.plain else no_turn(talk)


ALTERNATIVES = Command("alternatives", "", "what else could have been the last reply", _alternatives, no_turn)
PROBABILITIES = Command(
    "probabilities", "[n]", "how likely each part of a reply was", _probabilities, no_turn, place_choices
)
COPY = Command("copy", "[n]", "the last reply to the clipboard", _copy, _uncopied, place_choices)
TIME = Command("time", "", "how long the last reply and loading took", _time, _untimed)
RESET = Command("reset", "", "settings back to the model's own", _reset)

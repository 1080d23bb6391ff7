"""Commands that ask the model about a reply of its own: /why, /attention and /beams."""

from __future__ import annotations

from pathlib import Path

from chatbot.errors import UsageError
from chatbot.repl.behind import looking, noted
from chatbot.repl.commands import Choices, Command
from chatbot.repl.drawing_attention import heat_lines, legend, sentences
from chatbot.repl.drawing_beams import beam_lines
from chatbot.repl.drawing_why import rival_lines, temperature_lines
from chatbot.repl.loading import Stop
from chatbot.repl.standing import explainer, no_turn, not_explained, place_choices, place_of, reply_at
from chatbot.repl.talk import Shown, Talk
from chatbot.repl.view import View

USUAL_BEAM, WIDEST_BEAM = 5, 100
MOST_DROPPED = 12  # branches that led to nothing and are shown
IMAGE = ".png"


def _columns(view: View) -> int:
    return max(10, view.canvas.columns())


def _why(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.repl.explain import TEMPERATURES, steps

    reply = reply_at(talk, place_of(talk, text, "why"))
    found = steps(explainer(talk, reply), reply, stop)

    def show(view: View) -> None:
        view.drawing(rival_lines(found, _columns(view)))
        view.note("The same steps, were they drawn at another temperature:")
        view.drawing(temperature_lines(found, TEMPERATURES, _columns(view)))

    return show


def _attention(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.repl.explain import heat

    if text and not text.lower().endswith(IMAGE):
        raise UsageError(f"/attention takes the name of a {IMAGE} file, but received {text[:40]!r}")
    reply = reply_at(talk)
    found = heat(explainer(talk, reply), reply, stop)
    if text:
        from chatbot.repl.image import save_heat

        return noted(f"Saved {save_heat(found, Path(text).expanduser())}.")
    parts = (found.weights.tolist(), found.reply, found.source)

    def show(view: View) -> None:
        view.drawing((sentences if view.plain else heat_lines)(*parts, _columns(view)))
        if not view.plain:
            view.note(legend())

    return show


def _beams(talk: Talk, text: str, stop: Stop) -> Shown:
    from chatbot.repl.explain import search

    reply = reply_at(talk)
    own = reply.settings.beam_size
    if text and not (text.isdecimal() and text.isascii() and len(text) < 9 and 2 <= int(text) <= WIDEST_BEAM):
        raise UsageError(f"/beams takes a beam size from 2 to {WIDEST_BEAM}, but received {text[:40]!r}")
    size = int(text) if text else own if own > 1 else USUAL_BEAM
    found = search(explainer(talk, reply), reply, size, stop)
    ended = len(reply.token_log_probs) > len(reply.token_ids)
    chosen = (*reply.tokens, *(["<eos>"] if ended else []))
    dropped = [one for one in found if one.dropped]
    shown = [one for one in found if not one.dropped] + dropped[:MOST_DROPPED]

    def show(view: View) -> None:
        legend = "* leads to the reply that stands, x was followed for a while and dropped"
        view.note(f"What a beam of {size} finds, with log-probabilities; {legend}:")
        view.drawing(beam_lines(shown, chosen, _columns(view), boxes=not view.plain))
        if (more := len(dropped) - MOST_DROPPED) > 0:
            view.note(f"{more} more {'were' if more > 1 else 'was'} dropped, sooner than these.")

    return show


def _image_choices(talk: Talk, words: list[str]) -> Choices:
    return [(f"attention{IMAGE}", "save a picture here")] if len(words) == 1 else ()


def _beam_choices(talk: Talk, words: list[str]) -> Choices:
    return [("5", "a usual beam"), ("10", "a wide beam"), ("30", "a very wide one")] if len(words) == 1 else ()


WHY = Command("why", "[n]", "each token of a reply, and what it beat", looking(_why), no_turn, place_choices)
ATTENTION = Command(
    "attention", "[file.png]", "what was looked at for each token", looking(_attention), not_explained, _image_choices
)
BEAMS = Command(
    "beams", "[N]", "what a beam search finds and drops, as a tree", looking(_beams), not_explained, _beam_choices
)

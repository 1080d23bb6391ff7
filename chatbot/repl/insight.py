"""Commands that ask the model about a reply of its own: /why, /attention and /beams."""

from __future__ import annotations

from pathlib import Path

from chatbot.errors import ChatbotError, UsageError
from chatbot.repl.commands import Choices, Command
from chatbot.repl.drawing_attention import heat_lines, legend, sentences
from chatbot.repl.drawing_beams import beam_lines
from chatbot.repl.drawing_why import rival_lines, temperature_lines
from chatbot.repl.loading import Stop
from chatbot.repl.standing import explainer, no_turn, not_explained, place_choices, place_of, reply_at
from chatbot.repl.talk import Shown, Talk, Work
from chatbot.repl.view import View

USUAL_BEAM, WIDEST_BEAM = 5, 100
IMAGE = ".png"


def _columns(view: View) -> int:
    return max(10, view.canvas.columns())


def _why(talk: Talk, text: str) -> Work:
    reply = reply_at(talk, place_of(talk, text, "why"))
    model = explainer(talk, reply)

    def work(stop: Stop) -> Shown:
        from chatbot.repl.explain import TEMPERATURES, steps

        found = steps(model, reply)

        def show(view: View) -> None:
            view.drawing(rival_lines(found, _columns(view)))
            view.note("The same steps, were they drawn at another temperature:")
            view.drawing(temperature_lines(found, TEMPERATURES, _columns(view)))

        return show

    return work


def _attention(talk: Talk, text: str) -> Work:
    if text and not text.lower().endswith(IMAGE):
        raise UsageError(f"/attention takes the name of a {IMAGE} file, but received {text[:40]!r}")
    reply = reply_at(talk)
    model = explainer(talk, reply)

    def work(stop: Stop) -> Shown:
        from chatbot.repl.explain import heat

        found = heat(model, reply)
        if text:
            from chatbot.repl.image import save_heat

            path = save_heat(found, Path(text).expanduser())
            return lambda view: view.note(f"Saved {path}.")
        parts = (found.weights.tolist(), found.reply, found.source)

        def show(view: View) -> None:
            view.drawing((sentences if view.plain else heat_lines)(*parts, _columns(view)))
            if not view.plain:
                view.note(legend())

        return show

    return work


def _beams(talk: Talk, text: str) -> Work:
    reply = reply_at(talk)
    own = reply.settings.beam_size
    if text and not (text.isdecimal() and text.isascii() and len(text) < 9 and 2 <= int(text) <= WIDEST_BEAM):
        raise UsageError(f"/beams takes a beam size from 2 to {WIDEST_BEAM}, but received {text[:40]!r}")
    size = int(text) if text else own if own > 1 else USUAL_BEAM
    model = explainer(talk, reply)

    def work(stop: Stop) -> Shown:
        from chatbot.repl.explain import search

        found = search(model, reply, size, stop)
        if stop():
            raise ChatbotError("the search was stopped")
        ended = len(reply.token_log_probs) > len(reply.token_ids)
        chosen = (*reply.tokens, *(["<eos>"] if ended else []))

        def show(view: View) -> None:
            view.note(f"What a beam of {size} finds, with log-probabilities; * leads to the reply that stands:")
            view.drawing(beam_lines(found, chosen, _columns(view), boxes=not view.plain))

        return show

    return work


def _image_choices(talk: Talk, words: list[str]) -> Choices:
    return [(f"attention{IMAGE}", "save a picture here")] if len(words) == 1 else ()


def _beam_choices(talk: Talk, words: list[str]) -> Choices:
    return [("5", "a usual beam"), ("10", "a wide beam"), ("30", "a very wide one")] if len(words) == 1 else ()


WHY = Command("why", "[n]", "each token of a reply, and what it beat", _why, no_turn, place_choices)
ATTENTION = Command(
    "attention", "[file.png]", "what was looked at for each token", _attention, not_explained, _image_choices
)
BEAMS = Command("beams", "[N]", "what a beam search finds, as a tree", _beams, not_explained, _beam_choices)

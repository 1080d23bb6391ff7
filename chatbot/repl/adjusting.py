"""Commands about how replies are made: /set, /settings and /model."""

from __future__ import annotations

from chatbot.repl.commands import Choices, Command
from chatbot.repl.side import OFF, languages, translate_replies
from chatbot.repl.talk import Talk
from chatbot.settings import DecodingSettings, expected, fields_of, from_text

TRANSLATE = "translate"  # set like a setting, but of the session, not of a reply
DEFAULT = "default"  # typed for a setting's value: the model's own
USUAL = {
    "beam_size": {"1": "greedy search", "5": "a usual beam", "10": "a wide beam"},
    "temperature": {"0": "search, do not draw", "0.7": "careful", "1": "as the model learned", "1.3": "wild"},
    "top_k": {"0": "all tokens", "40": "the 40 likeliest"},
    "top_p": {"1": "all tokens", "0.9": "without the unlikely tail"},
    "no_repeat_ngram": {"0": "off", "3": "no three tokens twice"},
    "repetition_penalty": {"1": "off", "1.2": "mild"},
    "seed": {"none": "draw one each time"},
}


def _set(talk: Talk, text: str) -> None:
    if not text:
        _settings(talk, "")
        return
    name, _, value = text.replace("=", " ", 1).partition(" ")
    name = name.removeprefix("--").replace("-", "_")
    fields = fields_of(DecodingSettings)
    if name == TRANSLATE:
        translate_replies(talk, value.strip())
        return
    if name in fields and not value.strip():
        talk.view.table([(f"{name} {_shown(talk, name)}", f"{fields[name].metadata['help']} ({_range(name)})")])
        return
    if value.strip() == DEFAULT and name in fields:
        talk.given.pop(name, None)
    else:
        talk.given[name] = from_text(DecodingSettings, name, value.strip(), "/set")
    talk.view.note(f"{name} is {_shown(talk, name)}")


def _settings(talk: Talk, text: str) -> None:
    fields = fields_of(DecodingSettings)
    translate = (TRANSLATE, talk.translated or OFF, "the language that each reply is shown in as well")
    talk.view.table([*((name, _shown(talk, name), one.metadata["help"]) for name, one in fields.items()), translate])
    if not talk.loaded:
        talk.view.note("The model is still loading; those you did not set may change with it.")


def _shown(talk: Talk, name: str) -> str:
    value = getattr(talk.settings, name)
    return "none" if value is None else str(value)


def _range(name: str) -> str:
    return expected(DecodingSettings, name)


def _setting_choices(talk: Talk, words: list[str]) -> Choices:
    fields = fields_of(DecodingSettings)
    if len(words) == 1:
        translate = (TRANSLATE, f"{talk.translated or OFF}: each reply, in another language as well")
        return [*((name, f"{_shown(talk, name)}: {one.metadata['help']}") for name, one in fields.items()), translate]
    if len(words) == 2 and words[0] == TRANSLATE:
        return [(OFF, "replies as they are"), *languages(talk, [""])]
    if len(words) != 2 or words[0] not in fields:
        return ()
    return [(DEFAULT, "the model's own"), *USUAL.get(words[0], {}).items()]


def _model(talk: Talk, text: str) -> None:
    if not text:
        talk.view.note(f"The model is {described(talk)}.")
        return
    talk.view.note(f"Loading {text} ...")
    talk.load(text)


def described(talk: Talk) -> str:
    """The model's name and state."""
    name = talk.name or "the default one"
    if talk.loaded:
        model = talk.model.result()
        return f"{model.name} ({model.fingerprint[:12]})"
    return f"{name}, {'not loaded: ' + str(talk.model.exception()) if talk.model.done() else 'still loading'}"


def _model_choices(talk: Talk, words: list[str]) -> Choices:
    from chatbot.bundle.of_task import models_for

    return [(name, "") for name in models_for("dialogue")] if len(words) == 1 else ()


SET = Command("set", "[name value]", "change how replies are made; alone, list it", _set, choices=_setting_choices)
SETTINGS = Command("settings", "", "how replies are made now", _settings)
MODEL = Command("model", "[name]", "talk with another model; alone, say which", _model, choices=_model_choices)

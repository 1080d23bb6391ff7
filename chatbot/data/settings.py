"""What `chatbot prepare` may be told; one definition serves its options and `dataset.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chatbot.errors import UsageError
from chatbot.settings import setting
from chatbot.text.languages import is_code

TASKS = ("dialogue", "translation", "tagging", "generation")
DEFAULTS: dict[str, dict[str, Any]] = {
    "dialogue": {},
    "translation": {"context_turns": 1, "max_words": 100},
    "tagging": {"tokenizer": "tagging", "vocabulary_size": 50_000},
    "generation": {"tokenizer": "character"},
}
"""Task -> the settings whose defaults are others for it."""
TOKENIZERS = ("sentencepiece", "word", "character", "tagging")
OWN = {"source": "translation", "target": "translation", "field": "generation", "template": "generation"}
OWN |= dict.fromkeys(("split_by", "cut_words", "cut_turns"), "dialogue")
"""Setting -> the only task that has it."""


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """How conversations become a dataset."""

    task: str = setting("dialogue", "what the model will be for", choices=TASKS)
    source: str = setting("", "translation: language of the first column or file, such as en", maximum=20)
    target: str = setting("", "translation: language of the second one", maximum=20)
    field: str = setting("", "generation: column of a CSV or field of JSON that holds the text", maximum=200)
    template: str = setting(
        "", "generation: a text with {fields} in it, such as '{title} | {directions}'", maximum=1000
    )
    tokenizer: str = setting("sentencepiece", "kind of tokenizer", choices=TOKENIZERS)
    vocabulary_size: int = setting(8000, "token ids, the special ones among them", minimum=300, maximum=200_000)
    minimum_count: int = setting(2, "word tokenizer: words seen less often are <unk>", minimum=1, maximum=1_000_000)
    lower_case: bool = setting(False, "fold case; it is kept otherwise")
    split_contractions: bool = setting(False, "word tokenizer: don't is two words, do and n't")
    context_turns: int = setting(3, "turns before a reply, the prompt among them", minimum=1, maximum=20)
    max_words: int = setting(60, "a longer reply makes no example", minimum=1, maximum=1000)
    cut_words: int = setting(0, "words after which a longer utterance is cut; 0 is never", minimum=0)
    cut_turns: int = setting(0, "utterances after which a conversation is cut; 0 is never", minimum=0)
    reverse: bool = setting(False, "last utterance first: for a reverse model, which tells the prompt from the reply")
    held_out: float = setting(
        0.1, "share of the sources for validation, and again for the test", minimum=0.0001, maximum=0.4
    )
    split_by: str = setting(
        "movie", "what is in one split as a whole: a movie, or a mere conversation", choices=("movie", "conversation")
    )
    seed: int = setting(0, "another one splits the movies otherwise", minimum=0, maximum=2**31 - 1)

    @property
    def languages(self) -> tuple[str, ...]:
        """From and to, of a translation; `reverse` turns them round."""
        pair = (self.source, self.target) if self.task == "translation" else ()
        return pair[::-1] if self.reverse else pair


def settings_for(given: Mapping[str, Any]) -> PrepareSettings:
    """The settings given, and the task's defaults for all others. Raises `UsageError` for what the task has not."""
    task = given.get("task", "dialogue")
    for name, owner in OWN.items():
        if given.get(name) and task != owner:
            raise UsageError(f"--{name.replace('_', '-')} is for {owner}; add --task {owner}, or leave it out")
    settings = PrepareSettings(**{**DEFAULTS[task], **given})
    if task == "translation":
        for name, code in (("source", settings.source), ("target", settings.target)):
            if not is_code(code):
                raise UsageError(f"--{name} must be the code of a language, such as en, but is {code!r}")
        if settings.source == settings.target:
            raise UsageError(f"--source and --target must differ, but both are {settings.source!r}")
    if (settings.tokenizer == "tagging") != (task == "tagging"):
        raise UsageError("the tokenizer tagging is for --task tagging, which has no other; leave --tokenizer out")
    if settings.tokenizer == "character" and task != "generation":
        raise UsageError("single characters are for generation; add --task generation, or choose another --tokenizer")
    return settings

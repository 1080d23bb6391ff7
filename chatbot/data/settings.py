"""What `chatbot prepare` may be told; one definition serves its options and `dataset.json`."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.settings import setting


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """How conversations become a dataset."""

    tokenizer: str = setting("sentencepiece", "kind of tokenizer", choices=("sentencepiece", "word"))
    vocabulary_size: int = setting(8000, "token ids, the special ones among them", minimum=300, maximum=200_000)
    minimum_count: int = setting(2, "word tokenizer: words seen less often are <unk>", minimum=1, maximum=1_000_000)
    lower_case: bool = setting(False, "fold case; it is kept otherwise")
    context_turns: int = setting(3, "turns before a reply, the prompt among them", minimum=1, maximum=20)
    max_words: int = setting(60, "a longer reply makes no example", minimum=1, maximum=1000)
    reverse: bool = setting(False, "last utterance first: for a reverse model, which tells the prompt from the reply")
    seed: int = setting(0, "another one splits the movies otherwise", minimum=0, maximum=2**31 - 1)

"""DailyDialog, or any file in its format -> conversations: one a line, each utterance closed by `__eou__`.

    How are you ? __eou__ Fine , and you ? __eou__

Two speakers take turns. Dialogues that begin alike stay in one split, for the corpus repeats some.
(Li et al. 2017, "DailyDialog: A Manually Labelled Multi-turn Dialogue Dataset".)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chatbot.corpus.conversation import Conversation
from chatbot.corpus.counts import Counts, Progress, silent
from chatbot.corpus.detokenise import detokenise
from chatbot.corpus.lines import alike, alternating, text_files, text_lines
from chatbot.errors import CorpusError

END = "__eou__"
EXPECTED = f"dialogues_train.txt and the like: a dialogue a line, each utterance followed by {END}"


def read_dailydialog(path: Path, counts: Counts, progress: Progress = silent) -> Iterator[Conversation]:
    """Yield the conversations of a file, or of the files dialogues*.txt of a folder. Raises `CorpusError`."""
    files = [file for file in text_files(path, (".txt",), EXPECTED) if path.is_file() or _is_text(file)]
    if not files:
        raise CorpusError(f"{path}: no file named dialogues_*.txt in it; expected {EXPECTED}")
    for file in files:
        for where, line in text_lines(file, counts, progress):
            if not line.strip():
                counts.dropped["lines: blank"] += 1
                continue
            if END not in line:
                raise CorpusError(f"{where}: no {END} in it; expected {EXPECTED}")
            texts = [detokenise(text.strip()) for text in line.split(END)]
            turns = alternating(texts if texts[-1] else texts[:-1], counts)
            yield Conversation(where, turns, alike(turns[0].text))


def _is_text(file: Path) -> bool:
    """Whether a file of the distribution holds dialogues, not the numbers of their acts or emotions."""
    return file.name.startswith("dialogues") and not file.name.startswith(("dialogues_act", "dialogues_emotion"))

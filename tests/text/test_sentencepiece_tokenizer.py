from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sentencepiece
from cornell_files import line_rows
from hypothesis import example, given
from hypothesis import strategies as st

from chatbot.corpus.normalise import normalise
from chatbot.errors import VocabularyError
from chatbot.text.sentencepiece_tokenizer import SentencePieceTokenizer, train_sentencepiece
from chatbot.text.special import SPECIAL_PIECES, UNK_ID

TEXTS = [row[4] for row in line_rows()]
TOKENIZER = train_sentencepiece(TEXTS, 400)

ANY = st.characters(exclude_categories=())
TRICKY = st.sampled_from([*"▁▅⁇ \x00\x1b\n<>\ufffd\u200d", *SPECIAL_PIECES, "<0x41>", "boat ", "👩\u200d👧", "שלום"])


@given(st.lists(st.one_of(TRICKY, ANY), max_size=30).map("".join))
@example("  ")
@example("▅ ⁇ <unk> <s> </s>")
def test_round_trip_is_the_normalised_text(text: str) -> None:
    ids = TOKENIZER.encode(text)
    assert all(len(SPECIAL_PIECES) <= i < TOKENIZER.size for i in ids)
    assert TOKENIZER.decode(ids) == normalise(text)


def test_special_ids() -> None:
    assert TOKENIZER.pieces(range(6)) == list(SPECIAL_PIECES)
    ids = TOKENIZER.encode("the boat")
    assert TOKENIZER.decode([2, 4, *ids, 5, 3, 0]) == "the boat"
    assert TOKENIZER.decode([*ids, UNK_ID]) == "the boat<unk>"
    assert "".join(TOKENIZER.pieces(ids)).replace("▁", " ") == " the boat"


def test_bytes_that_are_no_text_decode_to_something_safe() -> None:
    escape, high = (TOKENIZER.pieces(range(TOKENIZER.size)).index(piece) for piece in ("<0x1B>", "<0xFF>"))
    assert TOKENIZER.decode([escape, high, escape]) == "\ufffd"


def test_training_is_deterministic_and_reloads() -> None:
    again = train_sentencepiece(iter(TEXTS), 400)
    assert again.to_bytes() == TOKENIZER.to_bytes()
    loaded = SentencePieceTokenizer(TOKENIZER.to_bytes())
    assert loaded.size == TOKENIZER.size
    assert [loaded.encode(text) for text in TEXTS] == [TOKENIZER.encode(text) for text in TEXTS]


def test_case_is_kept_or_folded() -> None:
    assert TOKENIZER.decode(TOKENIZER.encode("Good Morning")) == "Good Morning"
    folded = train_sentencepiece(TEXTS, 400, lower_case=True)
    assert folded.encode("Good MORNING É") == folded.encode("good morning é")
    assert folded.decode(folded.encode("Good MORNING É")) == "good morning é"


@pytest.mark.parametrize("texts", [["a"], ["", "Hello there.", "How are you?"], ["word " * 5000], ["𝛀" * 3000]])
def test_few_or_long_texts_make_a_small_vocabulary(texts: list[str]) -> None:
    tokenizer = train_sentencepiece([normalise(text) for text in texts], 8000)
    assert 6 + 256 < tokenizer.size < 400
    assert tokenizer.decode(tokenizer.encode("Anything, 😀!")) == "Anything, 😀!"


def test_a_vocabulary_that_cannot_be_made_is_one_line() -> None:
    with pytest.raises(VocabularyError, match=r"characters alone need 1[0-9]{3}; give a larger --vocabulary-size"):
        train_sentencepiece([chr(0x4E00 + i) for i in range(1000)], 300)
    with pytest.raises(VocabularyError, match="of 0 texts"):
        train_sentencepiece([""], 300)


def test_training_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def busy(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)  # as the terminal does: to the process
        released.wait(60)

    monkeypatch.setattr("chatbot.text.sentencepiece_tokenizer._train", busy)
    with pytest.raises(KeyboardInterrupt):
        train_sentencepiece(TEXTS, 400)
    released.set()


def test_models_of_another_make_are_refused(tmp_path: Path) -> None:
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS), model_prefix=str(tmp_path / "m"), vocab_size=90, minloglevel=2
    )
    with pytest.raises(VocabularyError, match="the first pieces must be <pad> <unk>"):
        SentencePieceTokenizer((tmp_path / "m.model").read_bytes())
    plain = TOKENIZER.to_bytes().replace(b"<self>\x15\0\0\0\0\x18\x03", b"<self>\x15\0\0\0\0\x18\x01")
    assert plain != TOKENIZER.to_bytes()
    with pytest.raises(VocabularyError, match="and say nothing"):
        SentencePieceTokenizer(plain)
    with pytest.raises(VocabularyError, match="expected at most"):
        SentencePieceTokenizer(bytes(33 << 20))


def test_damaged_models_are_one_error_and_nothing_else(tmp_path: Path) -> None:
    """In a process of its own: the library must neither crash nor print."""
    content, rng = TOKENIZER.to_bytes(), random.Random(5)
    damaged = [b"", b"\0" * 100, b"not a model", content[: len(content) // 2]]
    for _ in range(120):
        changed = bytearray(content)
        for _ in range(rng.choice([1, 3, 20])):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        damaged.append(bytes(changed))
    for number, model in enumerate(damaged):
        (tmp_path / f"{number:03}").write_bytes(model)
    script = (
        "import sys, pathlib\n"
        "from chatbot.errors import VocabularyError\n"
        "from chatbot.text.sentencepiece_tokenizer import SentencePieceTokenizer\n"
        "for file in sorted(pathlib.Path(sys.argv[1]).iterdir()):\n"
        "    try:\n"
        "        tokenizer = SentencePieceTokenizer(file.read_bytes())\n"
        "        tokenizer.decode(tokenizer.encode('The boat, \\u00e9'))\n"
        "        print('loaded')\n"
        "    except VocabularyError as error:\n"
        "        print(str(error).count('\\n'))\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    said = ended.stdout.split()
    assert len(said) == len(damaged)
    assert set(said) <= {"0", "loaded"}
    assert said[:4] == ["0"] * 4

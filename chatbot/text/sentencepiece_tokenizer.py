"""The default tokenizer: a sentencepiece unigram model with byte fallback, so that nothing is unknown.

In: normalised training texts, or the bytes of a model. Out: a `Tokenizer`. Normalisation is `corpus.normalise`; the
model itself only folds case, if asked. (Kudo 2018, "Subword regularization"; Kudo & Richardson 2018, "SentencePiece".)
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import sentencepiece

from chatbot.corpus.normalise import normalise
from chatbot.errors import VocabularyError
from chatbot.text.special import BOS_ID, EOS_ID, PAD_ID, SPECIAL_PIECES, UNK_ID

LONGEST_TEXT = 4192  # bytes of a training text; what follows says little more about the vocabulary
MAX_MODEL_BYTES = 32 << 20
MAX_PIECES = 200_000
EVENNESS = 0.02  # of draws from a unigram model: with it, equal dropouts lengthen texts about as much as in a BPE model
_SEEDED = threading.Lock()  # the library has one seed for all its models


class SentencePieceTokenizer:
    """Text <-> ids of a sentencepiece model whose first six ids are the special ones."""

    kind = "sentencepiece"
    file_name = "tokenizer.model"

    def __init__(self, content: bytes) -> None:
        """Load a model from bytes that may come from a stranger; raises `VocabularyError`."""
        if len(content) > MAX_MODEL_BYTES:
            raise VocabularyError(f"{self.file_name}: {len(content):,} bytes, expected at most {MAX_MODEL_BYTES:,}")
        try:
            self._model: Any = sentencepiece.SentencePieceProcessor()
            self._model.load_from_serialized_proto(content)
            pieces = self._model.id_to_piece(list(range(min(self.size, MAX_PIECES + 1))))  # all of them can be decoded
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            raise VocabularyError(f"{self.file_name}: not a sentencepiece model, or a damaged one") from error
        if len(pieces) > MAX_PIECES:
            raise VocabularyError(f"{self.file_name}: {self.size:,} pieces, expected at most {MAX_PIECES:,}")
        if tuple(pieces[: len(SPECIAL_PIECES)]) != SPECIAL_PIECES or not self._special_ids_say_nothing():
            raise VocabularyError(
                f"{self.file_name}: the first pieces must be {' '.join(SPECIAL_PIECES)}, and say nothing; "
                "make the tokenizer with: chatbot prepare"
            )
        self._content = content

    def _special_ids_say_nothing(self) -> bool:
        ids = range(len(SPECIAL_PIECES))
        return all(self._model.is_unknown(i) if i == UNK_ID else self._model.is_control(i) for i in ids)

    @property
    def size(self) -> int:
        """Number of ids."""
        return int(self._model.get_piece_size())

    def encode(self, text: str) -> list[int]:
        """Ids of the normalised text; bytes stand for characters the model has no piece for."""
        return list(self._model.encode(normalise(text)))

    def sample(self, texts: Sequence[str], dropout: float, seed: int) -> list[list[int]]:
        """Ids of normalised texts, cut into pieces at random: the more dropout, the smaller ones.

        A BPE model leaves out each merge with probability `dropout` (Provilkov et al. 2020); a unigram model draws
        pieces in proportion to p^alpha (Kudo 2018), alpha = EVENNESS / dropout. The same seed gives the same pieces.
        Raises `VocabularyError` for a model that knows one way only.
        """
        alpha = min(1.0, EVENNESS / dropout) if self._is_unigram() else dropout
        with _SEEDED:  # one thread of the library's own begins with the seed
            sentencepiece.set_random_generator_seed(seed & 0x7FFFFFFF)
            try:
                rows = self._model.encode(list(texts), enable_sampling=True, alpha=alpha, nbest_size=-1, num_threads=1)
            except RuntimeError:
                raise VocabularyError(
                    f"{self.file_name}: cuts a text in one way only; set training.subword_dropout to 0"
                ) from None
        return list(rows)

    def _is_unigram(self) -> bool:
        try:
            return bool(self._model.nbest_encode_as_ids("a", nbest_size=2))  # of all kinds, only this one can
        except RuntimeError:
            return False

    def decode(self, ids: Iterable[int]) -> str:
        """The normalised text of ids; special ids say nothing, except `<unk>`."""
        return normalise(self._model.decode([i for i in map(int, ids) if i >= len(SPECIAL_PIECES) or i == UNK_ID]))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """One piece per id as the model spells it: `▁` is a space, `<0x0A>` a byte."""
        return list(self._model.id_to_piece([int(i) for i in ids]))

    def to_bytes(self) -> bytes:
        """The serialised model."""
        return self._content


def train_sentencepiece(texts: Iterable[str], vocabulary_size: int, lower_case: bool = False) -> SentencePieceTokenizer:
    """Train on normalised texts, in order; the same texts give the same bytes. Few texts give fewer pieces.

    Holds the texts in memory. Raises `VocabularyError` when no vocabulary of that size can be made of them.
    """
    lines = [text.encode("utf-8")[:LONGEST_TEXT].decode("utf-8", "ignore") for text in texts if text]
    result: list[bytes | Exception] = []
    # In a thread of its own, so that Ctrl-C is heard while the library computes.
    thread = threading.Thread(target=_train, args=(lines, vocabulary_size, lower_case, result), daemon=True)
    thread.start()
    thread.join()
    if isinstance(result[0], bytes):
        return SentencePieceTokenizer(result[0])
    if needed := re.search(r"required_chars\. \d+ vs (\d+)", str(result[0])):
        reason = f"their different characters alone need {needed[1]}; give a larger --vocabulary-size"
    else:
        reason = " ".join(str(result[0]).split())
    raise VocabularyError(f"no vocabulary of {vocabulary_size} pieces can be made of {len(lines):,} texts: {reason}")


def _train(lines: list[str], vocabulary_size: int, lower_case: bool, result: list[bytes | Exception]) -> None:
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            model_type="unigram",
            vocab_size=vocabulary_size,
            hard_vocab_limit=False,
            byte_fallback=True,
            character_coverage=0.9999,
            split_digits=True,
            normalization_rule_name="nfkc_cf" if lower_case else "identity",
            remove_extra_whitespaces=False,
            max_sentence_length=LONGEST_TEXT,
            shuffle_input_sentence=False,
            num_threads=2,  # part of the result: sums are made per thread
            pad_id=PAD_ID,
            unk_id=UNK_ID,
            bos_id=BOS_ID,
            eos_id=EOS_ID,
            pad_piece=SPECIAL_PIECES[PAD_ID],
            unk_piece=SPECIAL_PIECES[UNK_ID],
            unk_surface=SPECIAL_PIECES[UNK_ID],
            bos_piece=SPECIAL_PIECES[BOS_ID],
            eos_piece=SPECIAL_PIECES[EOS_ID],
            control_symbols=list(SPECIAL_PIECES[EOS_ID + 1 :]),
            minloglevel=2,
        )
    except Exception as error:  # whatever it is, the waiting thread reports it
        result.append(error)
    else:
        result.append(model.getvalue())

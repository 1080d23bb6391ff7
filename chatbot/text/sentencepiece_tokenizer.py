"""The default tokenizer: a sentencepiece unigram model with byte fallback, so that nothing is unknown.

In: normalised training texts, or the bytes of a model. Out: a `Tokenizer`. Normalisation is `corpus.normalise`; the
model itself only folds case, if asked. (Kudo 2018, "Subword regularization"; Kudo & Richardson 2018, "SentencePiece".)
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sentencepiece

from chatbot.corpus.normalise import normalise
from chatbot.errors import VocabularyError
from chatbot.text.special import BOS_ID, EOS_ID, PAD_ID, SPECIAL_PIECES, UNK_ID

BYTE_PIECES = 256
LONGEST_TEXT = 4192  # bytes; longer training texts say little more about the vocabulary
MAX_MODEL_BYTES = 32 << 20


class SentencePieceTokenizer:
    """Text <-> ids of a sentencepiece model whose first six ids are the special ones."""

    kind = "sentencepiece"
    file_name = "tokenizer.model"

    def __init__(self, content: bytes) -> None:
        """Load a model from bytes that may come from a stranger; raises `VocabularyError`."""
        if len(content) > MAX_MODEL_BYTES:
            raise VocabularyError(f"{self.file_name}: {len(content):,} bytes, expected at most {MAX_MODEL_BYTES:,}")
        try:
            self._model: Any = sentencepiece.SentencePieceProcessor(model_proto=content)
            special = tuple(self._model.id_to_piece(list(range(len(SPECIAL_PIECES)))))
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            raise VocabularyError(f"{self.file_name}: not a sentencepiece model, or a damaged one") from error
        if special != SPECIAL_PIECES:
            raise VocabularyError(
                f"{self.file_name}: the first pieces must be {' '.join(SPECIAL_PIECES)}; "
                "make the tokenizer with: chatbot prepare"
            )
        self._content = content

    @property
    def size(self) -> int:
        """Number of ids."""
        return int(self._model.get_piece_size())

    def encode(self, text: str) -> list[int]:
        """Ids of the normalised text; bytes stand for characters the model has no piece for."""
        return list(self._model.encode(normalise(text)))

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
    """Train on normalised texts, in order; the same texts give the same bytes. Few texts give fewer pieces."""
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=_sentences(texts),
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
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise VocabularyError(f"cannot train a vocabulary of {vocabulary_size} pieces: {reason}") from error
    return SentencePieceTokenizer(model.getvalue())


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    return (text for text in texts if text)

"""One conversation after the other -> the arrays of a split, and what the audit counts of it.

Every neighbouring pair is an example whose prompt and reply are not empty and whose reply is not too long.
"""

from __future__ import annotations

from collections.abc import Sequence

from chatbot.corpus.conversation import Conversation, Utterance
from chatbot.data.writing import Writing
from chatbot.text.words import count_words


class ExampleWriter(Writing):
    """Writes the conversations of one split."""

    def add(self, conversation: Conversation) -> None:
        """Append the utterances, then the examples, of a conversation."""
        turns = conversation.utterances
        start, lengths = self.writer.utterances, self._add_utterances(turns)
        self.writer.conversations += 1
        for i in range(1, len(turns)):
            prompt, reply = turns[i - 1], turns[i]
            words = len(reply.text.split())
            if not lengths[i - 1] or not lengths[i]:
                self.counts.dropped["exchanges: an empty utterance"] += 1
            elif words > self.settings.max_words:
                self.counts.dropped[f"exchanges: a reply of over {self.settings.max_words} words"] += 1
            else:
                self.writer.add_example(start + max(0, i - self.settings.context_turns), start + i)
                self.audit.add_example(prompt.text, reply.text, words, lengths[i])
                self.audit.counts["same speaker"] += prompt.speaker == reply.speaker

    def _add_utterances(self, turns: Sequence[Utterance]) -> list[int]:
        """Append the utterances; returns their numbers of tokens."""
        numbers: dict[str, int] = {}
        lengths = []
        for turn in turns:
            ids = self.tokenizer.encode(turn.text)
            speaker = numbers.setdefault(turn.speaker, len(numbers))
            self.append(ids, turn.text, count_words(turn.text), speakers=speaker)
            lengths.append(len(ids))
        return lengths

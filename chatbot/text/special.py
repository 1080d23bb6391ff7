"""Token ids that mean something to the model and never come out of a person's text."""

from __future__ import annotations

PAD_ID = 0
UNK_ID = 1
BOS_ID = 2
EOS_ID = 3
SELF_ID = 4  # opens a context turn spoken by the one who replies
OTHER_ID = 5  # opens a context turn spoken by the other one

SPECIAL_PIECES = ("<pad>", "<unk>", "<bos>", "<eos>", "<self>", "<other>")

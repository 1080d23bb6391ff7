"""Text whose tokens were set apart by spaces -> text as people write it: "it 's , well , over" -> "it's, well, over".

For corpora that were published tokenised. What was written with a space on purpose cannot be told from what was not.
"""

from __future__ import annotations

import re

_STEPS = (
    (re.compile(r"\s+([,.;:!?%)\]}…。，？！])"), r"\1"),  # marks that close
    (re.compile(r"([(\[{$£€#])\s+"), r"\1"),  # marks that open
    (re.compile(r"(\w)\s*['’]\s*(s|m|d|t|re|ve|ll)\b", re.IGNORECASE), r"\1'\2"),  # it ' s, don ' t
    (re.compile(r"\b(ca|do|does|did|is|are|was|were|wo|would|could|should|has|have|had|ai)\s+n't\b", re.I), r"\1n't"),
    (re.compile(r'"\s*([^"]*?)\s*"'), r'"\1"'),  # quotation marks in pairs
    (re.compile(r"(?<=[a-z])([.!?])(?=[A-Z][a-z])"), r"\1 "),  # right.But
)


def detokenise(text: str) -> str:
    """The text with spaces where English has them."""
    for pattern, replacement in _STEPS:
        text = pattern.sub(replacement, text)
    return text

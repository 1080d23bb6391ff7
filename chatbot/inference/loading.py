"""A bundle's weights and network -> the network in NumPy, checked by its golden prompts."""

from __future__ import annotations

from chatbot.bundle.config import LanguageModelSettings, Network
from chatbot.inference.language_model import LanguageModelStepper
from chatbot.inference.lstm import Weights
from chatbot.inference.seq2seq import Seq2SeqStepper


def stepper_of(weights: Weights, network: Network) -> Seq2SeqStepper | LanguageModelStepper:
    """The network of a bundle of any task that says one id after the other."""
    if isinstance(network, LanguageModelSettings):
        return LanguageModelStepper(weights, network)
    return Seq2SeqStepper(weights, network)

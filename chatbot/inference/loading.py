"""A bundle's weights -> its network in NumPy; and whether it still says what it said when the bundle was made."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from chatbot.bundle.config import BundleConfig, LanguageModelSettings, Network, NetworkSettings, TaggerSettings
from chatbot.bundle.loading import Bundle
from chatbot.errors import BundleError
from chatbot.inference.golden import check_golden, make_golden
from chatbot.inference.language_model import LanguageModelStepper
from chatbot.inference.lstm import Weights
from chatbot.inference.mixture import MixedStepper
from chatbot.inference.seq2seq import Seq2SeqStepper
from chatbot.inference.tagger import TaggerNetwork, check_golden_tags, golden_tags
from chatbot.text.tagging_tokenizer import TaggingTokenizer
from chatbot.text.tokenizer import Tokenizer


def stepper_of(weights: Weights, network: Network) -> Seq2SeqStepper | LanguageModelStepper:
    """The network of a bundle of any task that says one id after the other."""
    if isinstance(network, TaggerSettings):
        raise BundleError("a tagger says nothing: it has no next id")
    if isinstance(network, LanguageModelSettings):
        return LanguageModelStepper(weights, network)
    if isinstance(network, NetworkSettings):
        return Seq2SeqStepper(weights, network)
    assert_never(network)


def speaker_of(bundle: Bundle) -> MixedStepper | Seq2SeqStepper | LanguageModelStepper:
    """What a bundle says one id after the other with, once its network answers the golden prompts.

    `BundleError` where it does not.
    """
    network = stepper_of(bundle.weights, bundle.config.network)
    check_golden(network, bundle.config)
    if bundle.table is None or bundle.config.ngram is None or not isinstance(network, Seq2SeqStepper):
        return network
    return MixedStepper(network, bundle.table, bundle.config.ngram.share)


def tagger_of(weights: Weights, network: Network, tokenizer: Tokenizer) -> TaggerNetwork:
    """The network of a tagger's bundle; `BundleError` where its tags are not those of its tokenizer."""
    if not isinstance(network, TaggerSettings) or not isinstance(tokenizer, TaggingTokenizer):
        raise BundleError("a tagger needs a tagger's network and the tokenizer tagging")
    if (network.tags, network.character_size) != (len(tokenizer.tags), tokenizer.character_size):
        raise BundleError(
            f"the network has {network.tags} tags and {network.character_size} characters, but the tokenizer "
            f"{len(tokenizer.tags)} and {tokenizer.character_size}"
        )
    return TaggerNetwork(weights, network, tokenizer)


def check(weights: Weights, config: BundleConfig, tokenizer: Tokenizer) -> None:
    """`BundleError` unless the network answers the golden prompts as it did."""
    if isinstance(config.network, TaggerSettings):
        check_golden_tags(tagger_of(weights, config.network, tokenizer), config)
    else:
        check_golden(stepper_of(weights, config.network), config)


def with_golden(weights: Weights, config: BundleConfig, tokenizer: Tokenizer) -> BundleConfig:
    """The configuration with its golden prompts answered anew, by these weights."""
    sources = [golden.source_ids for golden in config.golden]
    if isinstance(config.network, TaggerSettings):
        return replace(config, golden=golden_tags(tagger_of(weights, config.network, tokenizer), sources))
    lengths = [len(golden.reply_ids) for golden in config.golden]
    return replace(config, golden=make_golden(stepper_of(weights, config.network), sources, lengths))

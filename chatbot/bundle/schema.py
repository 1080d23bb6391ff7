"""The names and shapes of a network's weights: what a trainer exports and NumPy expects.

With V vocabulary, E embedding, H encoder units (each direction), D decoder units, A attention units, the model is:

    memory  = bidirectional LSTM layers over embedding[source], top layer, [forward ; backward]     [S, 2H]
    h0, c0  = tanh(bridge.L.hidden([forward h ; backward h])), bridge.L.cell([forward c ; backward c])
    h       = LSTM layers over embedding[previous id], top layer                                    [D]
    score_s = h . memory_s | h W . memory_s | v . tanh(h Wq + memory_s Wm + b)   (dot, general, additive)
    context = softmax(score over source positions) memory                                           [2H]
    logits  = tanh([h ; context] combine + bias) embedding^T + output.bias                          [V]

with layer normalisation tanh(([h ; context] combine, made mean 0 and variance 1) * combine.gain + bias). This tanh
is the attentional vector [E]. With input feeding (Luong et al. 2015, section 3.3) the decoder's first layer reads
[embedding[previous id] ; attentional vector of the step before], whose second half is zero at the first step.

A language model, with U units a layer, is:

    h       = LSTM layers over embedding[previous id], top layer                                    [U]
    logits  = h output.kernel^T + output.bias, or (h projection + bias) embedding^T + output.bias   [V]

the latter where it is tied; the projection only where U is not E.

A tagger, with C character ids, X units of a character vector, F filters and T tags, is:

    spelled = max over the word's characters of tanh([x before ; x ; x after] characters.kernel + bias)   [F]
    states  = bidirectional LSTM layers over [embedding[word] ; spelled]                                  [words, 2H]
    scores  = states output.kernel^T + output.bias                                                        [words, T]
    score of a sequence of tags = sum of its scores + transitions of neighbours + first tag + last tag    (crf)

LSTM gates stand in the order input, forget, cell, output (Keras). Every array is [inputs, units] or [units].
"""

from __future__ import annotations

import math

from chatbot.bundle.config import LanguageModelSettings, Network, NetworkSettings, TaggerSettings

Shapes = dict[str, tuple[int, ...]]

NORM_EPSILON = 1e-5  # added to the variance, in layer normalisation
MOST_PARAMETERS = 200_000_000


def weight_shapes(network: Network) -> Shapes:
    """Name -> shape of every weight of a network."""
    if isinstance(network, TaggerSettings):
        return _tagger(network)
    return _seq2seq(network) if isinstance(network, NetworkSettings) else _language_model(network)


def _seq2seq(network: NetworkSettings) -> Shapes:
    vocabulary, embedding = network.vocabulary_size, network.embedding_size
    memory, units = 2 * network.encoder_units, network.decoder_units
    first = 2 * embedding if network.input_feeding else embedding  # inputs of the decoder's first layer
    shapes: Shapes = {"embedding": (vocabulary, embedding)}
    shapes |= _bidirectional(network.encoder_layers, embedding, network.encoder_units)
    for layer in range(network.decoder_layers):
        for part in ("hidden", "cell"):
            shapes |= _dense(f"bridge.{layer}.{part}", memory, units)
        shapes |= _lstm(f"decoder.{layer}", units if layer else first, units)
    shapes |= _attention(network, units, memory)
    shapes |= _dense("combine", units + memory, embedding)
    if network.layer_norm:
        shapes["combine.gain"] = (embedding,)
    if not network.tied:
        shapes["output.kernel"] = (vocabulary, embedding)
    return shapes | {"output.bias": (vocabulary,)}


def _tagger(network: TaggerSettings) -> Shapes:
    tags, memory = network.tags, 2 * network.encoder_units
    shapes: Shapes = {
        "embedding": (network.vocabulary_size, network.embedding_size),
        "characters.embedding": (network.character_size, network.character_embedding),
        "characters.kernel": (3 * network.character_embedding, network.filters),
        "characters.bias": (network.filters,),
    }
    inputs = network.embedding_size + network.filters
    shapes |= _bidirectional(network.encoder_layers, inputs, network.encoder_units)
    shapes |= {"output.kernel": (tags, memory), "output.bias": (tags,)}
    if network.head == "crf":
        shapes |= {"transitions.pairs": (tags, tags), "transitions.first": (tags,), "transitions.last": (tags,)}
    return shapes


def _bidirectional(layers: int, inputs: int, units: int) -> Shapes:
    shapes: Shapes = {}
    for layer in range(layers):
        for direction in ("forward", "backward"):
            shapes |= _lstm(f"encoder.{layer}.{direction}", 2 * units if layer else inputs, units)
    return shapes


def _language_model(network: LanguageModelSettings) -> Shapes:
    vocabulary, embedding, units = network.vocabulary_size, network.embedding_size, network.units
    shapes: Shapes = {"embedding": (vocabulary, embedding)}
    for layer in range(network.layers):
        shapes |= _lstm(f"lstm.{layer}", units if layer else embedding, units)
    if not network.tied:
        shapes["output.kernel"] = (vocabulary, units)
    elif units != embedding:
        shapes |= _dense("projection", units, embedding)
    return shapes | {"output.bias": (vocabulary,)}


def count_parameters(network: Network) -> int:
    """How many numbers the weights hold."""
    return sum(math.prod(shape) for shape in weight_shapes(network).values())


def _lstm(name: str, inputs: int, units: int) -> Shapes:
    return {
        f"{name}.kernel": (inputs, 4 * units),
        f"{name}.recurrent_kernel": (units, 4 * units),
        f"{name}.bias": (4 * units,),
    }


def _dense(name: str, inputs: int, units: int) -> Shapes:
    return {f"{name}.kernel": (inputs, units), f"{name}.bias": (units,)}


def _attention(network: NetworkSettings, query: int, memory: int) -> Shapes:
    if network.attention == "dot":
        return {}
    if network.attention == "general":
        return {"attention.kernel": (query, memory)}
    hidden = network.attention_units
    return {
        "attention.query_kernel": (query, hidden),
        "attention.memory_kernel": (memory, hidden),
        "attention.bias": (hidden,),
        "attention.energy": (hidden,),
    }

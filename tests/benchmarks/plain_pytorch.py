"""The attention seq2seq of a bundle, general attention and one layer each, as one would write it in PyTorch."""

from __future__ import annotations

import numpy as np
import torch

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import NORM_EPSILON

Sources = list[list[int]]


class PlainModel(torch.nn.Module):
    """The attention seq2seq of `chatbot.bundle.schema` with general attention and one layer each, by torch.nn."""

    def __init__(self, weights: dict[str, np.ndarray], network: NetworkSettings) -> None:
        super().__init__()
        embedding, memory = network.embedding_size, 2 * network.encoder_units
        self.embedding = torch.nn.Embedding(network.vocabulary_size, embedding)
        self.encoder = torch.nn.LSTM(embedding, network.encoder_units, batch_first=True, bidirectional=True)
        self.decoder = torch.nn.LSTMCell(embedding, network.decoder_units)
        self.bridge_hidden = torch.nn.Linear(memory, network.decoder_units)
        self.bridge_cell = torch.nn.Linear(memory, network.decoder_units)
        self.attention = torch.nn.Linear(network.decoder_units, memory, bias=False)
        self.combine = torch.nn.Linear(network.decoder_units + memory, embedding, bias=not network.layer_norm)
        self.norm = torch.nn.LayerNorm(embedding, NORM_EPSILON) if network.layer_norm else torch.nn.Identity()
        self.output = torch.nn.Linear(embedding, network.vocabulary_size)
        self.load_state_dict(state_dict(weights))

    def start(self, sources: Sources) -> tuple[torch.Tensor, ...]:
        """Hidden and cell [rows, units], memory [rows, time, memory], mask [rows, time]."""
        lengths = torch.tensor([len(source) for source in sources])
        ids = torch.nn.utils.rnn.pad_sequence([torch.tensor(source) for source in sources], batch_first=True)
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        outputs, (hidden, cell) = self.encoder(packed)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        hidden = torch.tanh(self.bridge_hidden(torch.cat([hidden[0], hidden[1]], 1)))
        cell = self.bridge_cell(torch.cat([cell[0], cell[1]], 1))
        return hidden, cell, memory, torch.arange(ids.shape[1]) < lengths[:, None]

    def step(self, previous: torch.Tensor, state: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        """Log-probabilities [rows, vocabulary], and the new state."""
        hidden, cell, memory, mask = state
        hidden, cell = self.decoder(self.embedding(previous), (hidden, cell))
        scores = torch.bmm(memory, self.attention(hidden)[:, :, None])[:, :, 0].masked_fill(~mask, -torch.inf)
        context = torch.bmm(torch.softmax(scores, 1)[:, None, :], memory)[:, 0]
        combined = torch.tanh(self.norm(self.combine(torch.cat([hidden, context], 1))))
        return torch.log_softmax(self.output(combined), 1), (hidden, cell, memory, mask)


def state_dict(weights: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Our weights under PyTorch's names; both order the gates input, forget, cell, output."""

    def dense(name: str, ours: str) -> dict[str, np.ndarray]:
        return {f"{name}.weight": weights[f"{ours}.kernel"].T, f"{name}.bias": weights[f"{ours}.bias"]}

    def lstm(ours: str, end: str) -> dict[str, np.ndarray]:
        kernel, recurrent, bias = (weights[f"{ours}.{part}"] for part in ("kernel", "recurrent_kernel", "bias"))
        return {
            f"weight_ih{end}": kernel.T,
            f"weight_hh{end}": recurrent.T,
            f"bias_ih{end}": bias,
            f"bias_hh{end}": 0 * bias,
        }

    named = {
        "embedding.weight": weights["embedding"],
        **{f"encoder.{name}": array for name, array in lstm("encoder.0.forward", "_l0").items()},
        **{f"encoder.{name}": array for name, array in lstm("encoder.0.backward", "_l0_reverse").items()},
        **{f"decoder.{name}": array for name, array in lstm("decoder.0", "").items()},
        **dense("bridge_hidden", "bridge.0.hidden"),
        **dense("bridge_cell", "bridge.0.cell"),
        "attention.weight": weights["attention.kernel"].T,
        "combine.weight": weights["combine.kernel"].T,
        **({"norm.weight": weights[gain]} if (gain := "combine.gain") in weights else {}),
        f"{'norm' if gain in weights else 'combine'}.bias": weights["combine.bias"],
        "output.weight": weights.get("output.kernel", weights["embedding"]),
        "output.bias": weights["output.bias"],
    }
    return {name: torch.from_numpy(np.array(array, order="C")) for name, array in named.items()}

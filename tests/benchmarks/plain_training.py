"""The attention seq2seq as one would write it in PyTorch to train it: nn.LSTM, full softmax, Adam."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from chatbot.bundle.config import NetworkSettings
from chatbot.bundle.schema import NORM_EPSILON
from chatbot.text.special import BOS_ID, PAD_ID

Ids = np.ndarray


class PlainSeq2Seq(torch.nn.Module):
    """Bidirectional LSTM encoder, LSTM decoder, general attention (Luong et al. 2015), tied embeddings.

    With `network.layer_norm` what the output layer reads is normalised before its tanh.
    """

    def __init__(self, network: NetworkSettings, dropout: float) -> None:
        super().__init__()
        size, memory = network.embedding_size, 2 * network.encoder_units
        self.embedding = torch.nn.Embedding(network.vocabulary_size, size, padding_idx=PAD_ID)
        self.encoder = torch.nn.LSTM(size, network.encoder_units, batch_first=True, bidirectional=True)
        self.decoder = torch.nn.LSTM(size, network.decoder_units, batch_first=True)
        self.bridge_hidden = torch.nn.Linear(memory, network.decoder_units)
        self.bridge_cell = torch.nn.Linear(memory, network.decoder_units)
        self.attention = torch.nn.Linear(network.decoder_units, memory, bias=False)
        self.combine = torch.nn.Linear(network.decoder_units + memory, size, bias=not network.layer_norm)
        self.norm = torch.nn.LayerNorm(size, NORM_EPSILON) if network.layer_norm else torch.nn.Identity()
        self.output = torch.nn.Linear(size, network.vocabulary_size)
        self.dropout = torch.nn.Dropout(dropout)
        torch.nn.init.normal_(self.embedding.weight, std=0.05)
        self.output.weight = self.embedding.weight

    def forward(self, sources: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Logits [batch, time, vocabulary] of `targets` [batch, time]."""
        lengths = (sources != PAD_ID).sum(1).cpu()
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            self.dropout(self.embedding(sources)), lengths, batch_first=True, enforce_sorted=False
        )
        outputs, (hidden, cell) = self.encoder(packed)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
        start = (
            torch.tanh(self.bridge_hidden(torch.cat([hidden[0], hidden[1]], 1)))[None],
            self.bridge_cell(torch.cat([cell[0], cell[1]], 1))[None],
        )
        previous = torch.cat([torch.full_like(targets[:, :1], BOS_ID), targets[:, :-1]], 1)
        states, _ = self.decoder(self.dropout(self.embedding(previous)), start)
        states = self.dropout(states)
        scores = self.attention(states) @ memory.transpose(1, 2)  # [batch, target_time, source_time]
        scores = scores.masked_fill((sources == PAD_ID)[:, None, :], -torch.inf)
        context = torch.softmax(scores, -1) @ memory
        combined = torch.tanh(self.norm(self.combine(torch.cat([states, context], -1))))
        return self.output(self.dropout(combined))


def losses(model: PlainSeq2Seq, sources: Ids, targets: Ids) -> torch.Tensor:
    """Negative log-likelihood (nats) of every target id, [batch, time]; 0 at padding."""
    wanted = torch.from_numpy(targets).long()
    logits = model(torch.from_numpy(sources).long(), wanted)
    return torch.nn.functional.cross_entropy(
        logits.transpose(1, 2).float(), wanted, ignore_index=PAD_ID, reduction="none"
    )


def trainer(model: PlainSeq2Seq, optimizer: torch.optim.Optimizer, bfloat16: bool) -> Callable[[Ids, Ids], float]:
    """A function that moves the weights once and returns the summed loss (nats) before the move."""

    def step(sources: Ids, targets: Ids) -> float:
        model.train()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            total = losses(model, sources, targets).sum()
        (total / int((targets != PAD_ID).sum())).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return float(total.detach())

    return step

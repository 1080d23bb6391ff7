from __future__ import annotations

import numpy as np
import pytest

import chatbot.inference.projection as projection_module
from chatbot.inference.lstm import LSTM
from chatbot.inference.projection import Projection


@pytest.mark.parametrize("most", [0, 2**20])
def test_what_is_kept_is_what_would_be_computed(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection_module, "MOST_KEPT", most)
    random = np.random.default_rng(4)
    embedding, kernel, recurrent, bias = (
        random.normal(0, 1, shape).astype(np.float32) for shape in ((20, 3), (3, 16), (4, 16), (16,))
    )
    layer = LSTM(kernel, recurrent, bias)
    projection = Projection(embedding, layer)
    for ids in ([7], [7, 7, 3], [3, 19, 7, 0], []):
        asked = np.array(ids, np.int64)
        assert projection.of(asked) == pytest.approx(layer.project(embedding[asked]), abs=1e-6)

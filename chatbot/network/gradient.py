"""Gradients written by hand, where the Keras backend takes them for functions of several results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import ops


def with_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """`keras.ops.custom_gradient`: `function` returns (results, gradient).

    Under PyTorch, whose Keras backend takes functions of one result only, the results are differentiated automatically.
    """
    if keras.config.backend() == "torch":
        return lambda *arguments: function(*arguments)[0]
    gradient: Callable[..., Any] = ops.custom_gradient(function)
    return gradient

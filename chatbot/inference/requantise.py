"""A bundle -> a copy with its weights stored in another dtype and its golden prompts answered anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chatbot.bundle.card import render_card
from chatbot.bundle.folder import BundleFiles, read_files
from chatbot.bundle.loading import load_bundle
from chatbot.bundle.quantise import as_stored
from chatbot.bundle.saving import check_replaceable, save_bundle
from chatbot.inference.loading import check, with_golden


def requantise(
    source: Path,
    output: Path,
    dtype: str,
    name: str | None = None,
    overwrite: bool = False,
    decoding: Mapping[str, Any] | None = None,
) -> BundleFiles:
    """Copy the bundle `source` to the folder `output`; returns what was written, read back and checked.

    `decoding` are settings that the copy replies with unless told otherwise, beside those of the source.
    Raises `BundleError` where the source is wrong or `output` exists, unless it is a bundle and `overwrite` is set.
    """
    check_replaceable(output, overwrite, "choose another --output")
    bundle = load_bundle(source)
    check(bundle.weights, bundle.config, bundle.tokenizer)
    weights = as_stored(bundle.weights, dtype)
    config = dataclasses.replace(
        bundle.config,
        name=bundle.config.name if name is None else name,
        weights_dtype=dtype,
        decoding={**bundle.config.decoding, **(decoding or {})},
        training={**bundle.config.training, "exported_from": bundle.fingerprint},
    )
    config = with_golden(weights, config, bundle.tokenizer)
    save_bundle(output, config, bundle.weights, bundle.tokenizer, render_card(config), bundle.table)
    written = load_bundle(output)
    check(written.weights, written.config, written.tokenizer)
    return read_files(output)

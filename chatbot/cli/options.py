"""Options that several commands share, spelled and checked the same everywhere.

Each takes its value from the line, else from the environment (CHATBOT_MODEL, CHATBOT_BEAM_SIZE, ...); config.toml
comes in through `chosen_model` and `chosen_settings`.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from chatbot.errors import ConfigError
from chatbot.settings import DecodingSettings, expected, fields_of, from_text, type_of

OF_DIALOGUE = (
    "no_repeat_context",
    "rerank_repetition",
    "rerank_similarity",
    "rerank_anti_lm",
    "anti_lm_tokens",
    "rerank_reverse",
    "reverse_model",
)
"""Settings that only a reply to a prompt is found with."""


class Within(click.FloatRange):
    """A number in a range; "nan", which is beside any range, and "inf" are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number; a usage error of one line otherwise."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


Function = TypeVar("Function", bound=Callable[..., Any])


def dashed(setting: str) -> str:
    """A setting as an option: beam_size is --beam-size."""
    return "--" + setting.replace("_", "-")


class SettingType(click.ParamType):  # type: ignore[type-arg]  # generic only since click 8.4
    """An option's value, checked by the settings dataclass it belongs to."""

    def __init__(self, cls: type, setting: str) -> None:
        self.cls, self.setting = cls, setting
        self.name = expected(cls, setting)

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """A short word for the help."""
        kind = fields_of(self.cls)[self.setting].metadata
        words = {int: "N", float: "X", bool: "on|off"}
        return "|".join(kind["choices"]) or words.get(type_of(self.cls, self.setting), "TEXT")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The checked value; a usage error of one line otherwise."""
        if not isinstance(value, str):
            return value
        try:
            return from_text(self.cls, self.setting, value, "option")
        except ConfigError as error:
            if param and ctx and ctx.get_parameter_source(param.name or "") is ParameterSource.ENVIRONMENT:
                raise ConfigError(str(error).replace("option", str(param.envvar), 1)) from None
            message = str(error).removeprefix("option: ").replace(self.setting, dashed(self.setting), 1)
            raise click.UsageError(message, ctx) from None


def decoding_options(function: Function, without: Sequence[str] = (), environment: bool = True) -> Function:
    """Add --beam-size ... --seed; the function gets `decoding`, a dict of those that were given.

    With `environment` also of those that CHATBOT_BEAM_SIZE and the like give.
    """
    fields = {name: one for name, one in fields_of(DecodingSettings).items() if name not in without}

    @functools.wraps(function)
    def gather(*args: Any, **options: Any) -> Any:
        context = click.get_current_context()
        values = {name: options.pop(name) for name in fields}
        given = {n: v for n, v in values.items() if context.get_parameter_source(n) is not ParameterSource.DEFAULT}
        return function(*args, decoding=given, **options)

    for name, one in reversed(fields.items()):
        gather = click.option(
            dashed(name),
            name,
            type=SettingType(DecodingSettings, name),
            envvar=f"CHATBOT_{name.upper()}" if environment else None,
            help=one.metadata["help"],
        )(gather)
    return gather  # type: ignore[return-value]


model_option = click.option(
    "--model", metavar="NAME", envvar="CHATBOT_MODEL", help="a shipped name, a run, or a bundle folder"
)
database_option = click.option(
    "--database",
    metavar="URL",
    envvar="CHATBOT_DATABASE",
    help="where conversations are kept: a file, or an SQLAlchemy URL",
)
history_option = click.option("--no-history", is_flag=True, help="keep nothing of this conversation")
json_option = click.option("--json", "as_json", is_flag=True, help="print JSON")


def chosen_model(given: str | None) -> str | None:
    """The model named by the option or the environment, else by config.toml, else None (the default model)."""
    from chatbot.home import load_config

    return given or load_config().chat.model or None


def chosen_settings(default: DecodingSettings, given: Mapping[str, Any]) -> DecodingSettings:
    """The model's default settings, overridden by config.toml's, overridden by those given."""
    from chatbot.home import load_config

    return dataclasses.replace(default, **{**load_config().decoding, **given})

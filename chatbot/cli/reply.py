"""`chatbot reply`: one line in, one reply out, with its receipt if JSON is asked for."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from chatbot.cli.options import (
    chosen_model,
    chosen_settings,
    database_option,
    decoding_options,
    history_option,
    json_option,
    model_option,
)

if TYPE_CHECKING:
    from chatbot.dialogue.model import Model
    from chatbot.dialogue.reply import Alternative, Reply
    from chatbot.settings import DecodingSettings


@click.command()
@click.argument("text")
@click.option("--context", multiple=True, metavar="TEXT", help="an earlier turn, can be repeated, oldest first")
@click.option(
    "--n-best", default=1, type=click.IntRange(1, 100), metavar="N", help="replies to print, best first, with scores"
)
@json_option
@model_option
@database_option
@history_option
@decoding_options
def command(
    text: str,
    context: tuple[str, ...],
    n_best: int,
    as_json: bool,
    model: str | None,
    database: str | None,
    no_history: bool,
    decoding: dict[str, Any],
) -> None:
    """Answer TEXT.

    The turn just before TEXT is the bot's, the one before that yours, and so on. --n-best N searches with a beam of at
    least N (or draws as many samples). The reply is kept in the history as a conversation of one turn.

    \b
    --json prints the receipt, which gives the same words again:
      text, complete         the reply, and whether it was left to end
      model, fingerprint     who said it; reverse_fingerprint, who helped to rank
      context_ids            what the encoder read, of the turns that fitted
      context_words          the words of these, if copy_unknown is on
      settings, seed         how it was searched for: every setting
      rank                   its place among the hypotheses, best is 0
      token_ids, tokens      what was said
      token_log_probs        natural log-probability of each, then of the end
      score, parts           what ranked it, and the parts that add up to that
      alternatives           others, best first: text, score, log_prob, parts
      seconds, conversation  how long it took, and its number in the history
    """
    from chatbot.inference.threads import use_one_thread

    use_one_thread()
    from chatbot.cli.output import print_json
    from chatbot.decoding.search import widened
    from chatbot.dialogue.model import Model
    from chatbot.dialogue.wellformed import well_formed
    from chatbot.errors import UsageError

    if not text.strip():
        raise UsageError("nothing to answer: TEXT is blank; type some words")
    turns = [well_formed(turn) for turn in (*context, text)]
    loaded = Model.load(chosen_model(model))
    settings = chosen_settings(loaded.settings, decoding)
    settings = widened(settings, n_best)
    if no_history:
        number, reply = None, answer(loaded, turns, settings)
    else:
        number, reply = answer_and_keep(loaded, turns, settings, database)
    if as_json:
        print_json({**receipt(reply, n_best), "conversation": number})
    else:
        print_replies(reply, n_best)


def answer(model: Model, turns: list[str], settings: DecodingSettings) -> Reply:
    """The reply to the last of `turns`, whose speakers alternate."""
    own = [(len(turns) - position) % 2 == 0 for position in range(len(turns))]
    return model.answer(turns, own, settings)


def answer_and_keep(
    model: Model, turns: list[str], settings: DecodingSettings, database: str | None
) -> tuple[int, Reply]:
    """As `answer`, kept as a new conversation, whose number comes first; the turn is kept before it is answered."""
    from chatbot.store.history import History

    with History.open(database) as history:
        number, turn = history.start_conversation(turns[-1])
        reply = answer(model, turns, settings)
        history.add_reply(turn, reply, model)
    return number, reply


def receipt(reply: Reply, n_best: int) -> dict[str, Any]:
    """All that is known of a reply, with `n_best` - 1 alternatives."""
    values = dataclasses.asdict(reply)
    values["alternatives"] = values["alternatives"][: n_best - 1]
    return values


def print_replies(reply: Reply, n_best: int) -> None:
    """The reply alone, or the n best, each after its score and the components that it was ranked anew by."""
    from chatbot.terminal import one_line

    if n_best == 1:
        click.echo(one_line(reply.text))
        return
    best: list[Reply | Alternative] = [reply]
    best += reply.alternatives[: n_best - 1]
    if reply.parts:
        click.echo("   score" + "".join(f"  {name:>10}" for name in reply.parts) + "  reply")
    for one in best:
        parts = "".join(f"  {part.score:10.3f}" for part in one.parts.values())
        click.echo(f"{one.score:8.3f}{parts}  {one_line(one.text)}")

"""A chatbot that a person can train, own and take apart; the folders stand in the order the data flows.

from chatbot import Chatbot
print(Chatbot.load("cornell").reply("hello"))
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatbot.dialogue.chatbot import Chatbot as Chatbot
    from chatbot.dialogue.reply import Reply as Reply

__all__ = ["Chatbot", "Reply"]


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that `import chatbot` brings no NumPy."""
    if name == "Chatbot":
        from chatbot.dialogue.chatbot import Chatbot

        return Chatbot
    if name == "Reply":
        from chatbot.dialogue.reply import Reply

        return Reply
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

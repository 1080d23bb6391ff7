"""Every error the user may see: one line, saying where, what was found, what was expected, what to type.

The tree, with the exit code each one ends the command with:

    ChatbotError                1
      UsageError                2   a wrong option, argument or command
      ConfigError               2   a wrong setting in a file or an environment variable
      CorpusError               1   raw corpus files that cannot be read
      VocabularyError           1   a tokenizer that is missing, damaged or of another kind
      DatasetError              1   a prepared dataset that is missing, damaged or of another version
      BundleError               1   a trained model that is missing, damaged, hostile or newer
      CheckpointError           1   a training run that cannot be started, resumed or written
      StoreError                1   the history database
        NoConversation          1   a conversation that is not, or no longer, in it
      ScriptError               2   a scripted dialogue that cannot be read
      DialogueFailure           3   a dialogue test or a replay that differed
"""

from __future__ import annotations


class ChatbotError(Exception):
    """Base of all errors shown to the user as one line on stderr."""

    exit_code = 1


class UsageError(ChatbotError):
    """A wrong option, argument or command."""

    exit_code = 2


class ConfigError(ChatbotError):
    """A wrong setting in a file or an environment variable."""

    exit_code = 2


class CorpusError(ChatbotError):
    """Raw corpus files that cannot be read."""


class VocabularyError(ChatbotError):
    """A tokenizer that is missing, damaged or of another kind."""


class DatasetError(ChatbotError):
    """A prepared dataset that is missing, damaged or of another version."""


class BundleError(ChatbotError):
    """A trained model that is missing, damaged, hostile or newer."""


class CheckpointError(ChatbotError):
    """A training run that cannot be started, resumed or written."""


class StoreError(ChatbotError):
    """The history database."""


class NoConversation(StoreError):
    """A conversation that is not, or no longer, in the history; `place` is the history's, to be shown."""

    def __init__(self, place: str, number: int) -> None:
        super().__init__(f"{place}: no conversation {number}; list them with: chatbot history list")
        self.number = number


class ScriptError(ChatbotError):
    """A scripted dialogue that cannot be read."""

    exit_code = 2


class DialogueFailure(ChatbotError):
    """A dialogue test or a replay that differed."""

    exit_code = 3

"""Scripted dialogues -> what held and what did not."""

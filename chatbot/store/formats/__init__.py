"""Conversations <-> files: a module a format, each with what writes it and what reads it again."""

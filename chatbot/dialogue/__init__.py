"""Hypotheses -> a conversation in progress."""

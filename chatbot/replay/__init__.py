"""Logged conversations -> the same or different: played again with a model, and compared."""

"""Conversations -> SQLite, and back."""

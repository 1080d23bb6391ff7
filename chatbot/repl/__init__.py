"""A person at the terminal (prompt_toolkit)."""

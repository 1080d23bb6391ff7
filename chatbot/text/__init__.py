"""Strings <-> token ids."""

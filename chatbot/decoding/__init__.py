"""Decoder steps -> hypotheses: greedy, beam search, sampling; knows no network."""

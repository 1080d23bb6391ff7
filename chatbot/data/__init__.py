"""Conversations -> a prepared dataset on disk -> padded batches."""

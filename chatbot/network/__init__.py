"""Token ids -> logits, for training (Keras 3)."""

"""Batches -> weights -> bundle (Keras 3 on TensorFlow)."""

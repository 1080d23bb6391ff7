"""A model and a dataset -> the measures that the README quotes (NumPy)."""

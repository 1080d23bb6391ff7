"""A bundle -> one decoder step at a time (NumPy)."""

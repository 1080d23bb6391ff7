"""A trained model on disk: written whole, checked before anything is allocated."""

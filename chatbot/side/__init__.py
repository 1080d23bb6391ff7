"""Translation, tagging and continuation of a text, by models beside the dialogue model."""

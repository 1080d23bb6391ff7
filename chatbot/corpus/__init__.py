"""Raw corpus files -> conversations."""

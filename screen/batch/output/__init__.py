"""The folder that a batch writes: claimed, filled part by part, published in one step."""

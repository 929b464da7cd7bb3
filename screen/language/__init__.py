"""YAML to model: the vocabulary and the protocols, every error with its position."""

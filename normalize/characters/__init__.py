"""The rules of character normalization and the walk that applies them."""

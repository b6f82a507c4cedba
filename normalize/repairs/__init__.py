"""Undo what other programs did to a text: mojibake and HTML entities."""

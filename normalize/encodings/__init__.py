"""From bytes to characters: which codec, how much damage, where."""

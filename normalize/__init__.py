"""From bytes to clean records: open, decode, split, normalize."""

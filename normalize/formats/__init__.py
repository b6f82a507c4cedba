"""From a source to its records, by format."""

"""The page of a run: one HTML file that a person opens to see what became of a dump."""

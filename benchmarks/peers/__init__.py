"""Other tools that remove near-duplicates, each in a virtual environment of its own, driven by a script of ours."""

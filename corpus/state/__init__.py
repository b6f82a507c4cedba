"""The memory of a folder: what ``--append`` compares new documents with.

``state.duckdb`` is a cache. All that it holds follows from the files of the runs, and it is made again from these when
it is missing, damaged, or does not belong to them. ``store`` opens it, ``rebuild`` makes it, ``memory`` is what a run
asks of it, and ``stamps`` says what its contents depend on beside the files.
"""

"""The command line: translate options into one frozen set, call the library, show how it goes and what came of it."""

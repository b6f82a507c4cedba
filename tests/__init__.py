"""A package, so that tests share what ``support`` holds."""

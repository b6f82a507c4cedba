"""From one text to the documents that it holds."""

"""Web pages and web archives: from HTML and WARC bytes to the lines that a reader sees."""

"""HTML pages: the frame that all pages share, their texts, and the page cache."""

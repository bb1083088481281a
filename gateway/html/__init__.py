"""HTML: the frame of a page, its texts, the page cache."""

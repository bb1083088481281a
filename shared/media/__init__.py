"""Uploaded media: find out what a file is, and prepare the copy that the public may see, in limited child processes."""

"""Sending letters: the channels, and the sender that passes approved letters to them."""

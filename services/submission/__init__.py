"""The submission service: who may enter, and what a valid entry is."""

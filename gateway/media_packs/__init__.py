"""Packs of text and pictures for media that write about an entry."""

"""Decisions of moderation, one module per subject. All are pure functions."""

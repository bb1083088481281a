"""Decisions of scoring, one module per subject. All are pure functions."""

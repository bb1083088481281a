"""Decisions of the ranking service, one module each; all are pure."""

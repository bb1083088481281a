"""Decisions of the scoring service, one module each; all are pure."""

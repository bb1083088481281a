"""Decisions of the ranking service, one module for each subject; all are pure."""

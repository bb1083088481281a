"""Decisions of the moderation desk, one module each; all are pure."""

"""Assign judges to entries: the solver, the anchor entries, and conflicts of interest."""

"""API for units: upload files, hand in entries, read their state."""

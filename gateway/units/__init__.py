"""API for units: hand in entries, upload files, read their state."""

"""The process table, and the settings that each process receives."""

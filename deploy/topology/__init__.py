"""The one table of processes, and the settings that each process receives."""

"""The command line `baijia`, one module a group of commands."""

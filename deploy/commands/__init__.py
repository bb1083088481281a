"""The command line `baijia`: one module for each group of commands."""

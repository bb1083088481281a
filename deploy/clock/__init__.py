"""The clock process: commands that are due by time, destruction of keys, and watchdogs."""

"""The clock process: commands that must leave an event, key destruction, watchdogs."""

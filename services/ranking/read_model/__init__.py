"""The ranking table: a fold of every log, and the table as of an instant."""

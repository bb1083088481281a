"""Read model of ranking: the table folded from every log, and the table as of an instant."""

"""Views of ranking: the published parts of the table, and the embargo that every view passes."""

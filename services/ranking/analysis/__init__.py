"""Analyses of a ranking: explanations, recounts, stability and comparisons. None changes the record."""

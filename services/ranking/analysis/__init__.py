"""Questions about a ranking: explanations, recounts, stability, comparisons. None changes the record."""

"""Questions about a ranking: explanations, recounts, stability, comparisons. Plain values in and out, but for the ledger that some read."""

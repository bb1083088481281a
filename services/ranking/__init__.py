"""Ranking service: cohort, result, notice, objections, certificates and exhibition."""

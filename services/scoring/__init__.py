"""The scoring service: assignment of entries to judges, recusals, drafts and marks."""

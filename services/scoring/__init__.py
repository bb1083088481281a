"""The scoring service: assignment, recusal, drafts and marks."""

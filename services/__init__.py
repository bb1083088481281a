"""The services: submission, moderation, voting, scoring and ranking."""

"""Pages and API for staff: sign-in, moderation, judging, organising, result, explanations."""

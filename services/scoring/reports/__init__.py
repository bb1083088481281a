"""Reports about judging: progress, forecast, and feedback to a judge."""

"""Reports of judging: progress, forecast, feedback to a judge."""

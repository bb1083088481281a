"""The kernel: logs, commits, followers, projections. It knows events, never the campaign."""

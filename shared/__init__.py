"""Event-sourcing kernel: logs, commits, followers and projections. It knows events, but nothing of the campaign."""

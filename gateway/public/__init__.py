"""Pages and API for everybody: entries, leaderboards, exhibition, rules, notice, contact forms."""

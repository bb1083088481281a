"""Pages and API for anybody: entries, leaderboards, exhibition, rules, notice, contact forms."""

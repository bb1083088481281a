"""The moderation service: windows, rules, approval, shortlist, staff."""

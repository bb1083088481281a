"""The moderation service: windows, rules, approval of entries, shortlist and staff."""

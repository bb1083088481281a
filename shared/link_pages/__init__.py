"""Pages that links of entries lead to: fetched and pictured without ever reaching an address that is not public."""

"""Rules of the ranking as pure functions of plain values."""

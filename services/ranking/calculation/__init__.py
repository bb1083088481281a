"""The rules of the ranking as pure functions of plain values."""

"""The campaign file: read with line numbers, checked whole, explained problem by problem."""

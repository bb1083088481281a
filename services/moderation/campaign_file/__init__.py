"""Read a campaign file with line numbers, check it as a whole, and explain each problem."""

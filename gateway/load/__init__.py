"""Load: how busy this process is, and what it stops serving under pressure."""

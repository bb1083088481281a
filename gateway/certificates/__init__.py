"""Certificates: `paper.py` prints what the log says, `routes.py` shows it and whether it still holds."""

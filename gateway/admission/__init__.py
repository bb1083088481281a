"""Who may like now, and at what price: tickets, paces, challenges. Nothing here decides whether a like is allowed.

`turnstile.py` is the way through; the rest are its parts. An address alone never refuses (rules 5): beyond its pace a
like costs work, and beyond that it is accepted as pending.
"""

"""Admission of likes: like tickets, rate limits and proof-of-work challenges.

Nothing here decides whether a like counts.

`turnstile.py` admits an order; the other modules are its parts. An order is never refused for its address alone (rules
5): beyond the address's rate a like costs work, and beyond further rates it is accepted as pending.
"""

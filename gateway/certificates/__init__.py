"""Printing of certificates from the facts in the log. Their pages and API are in `public/certificates.py`."""

"""Certificates: `document.py` prints what the log holds; their pages and API are `public/certificates.py`."""

"""The reference pages of the documents, made from the code."""

"""RPC methods of the ranking service, grouped by subject."""

"""RPC methods of the ranking service, by the kind of question."""

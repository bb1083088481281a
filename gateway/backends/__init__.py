"""What the gateway talks to: RPC, like batches, the media store, WeChat accounts."""

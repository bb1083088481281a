"""Backends of the gateway: RPC, like batches, the media store, WeChat accounts."""

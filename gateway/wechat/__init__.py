"""WeChat's protocol: pushes from its servers, calls to them, and the signatures and ciphers of both sides."""

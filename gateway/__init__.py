"""The gateway: HTTP for web and WeChat clients. It talks to services by message only."""

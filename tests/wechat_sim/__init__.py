"""A simulator of WeChat's servers and phones, over real sockets. See README.md. It imports nothing of the product."""

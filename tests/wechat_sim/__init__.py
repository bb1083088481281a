"""WeChat's servers and phones, simulated over real sockets. See README.md; nothing of the product is imported here."""

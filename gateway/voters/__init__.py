"""The doors of voters: WeChat's chat, its browser, its mini-program, and a desktop that a phone vouches for."""

"""The doors that voters come by: WeChat's chat, its browser, its mini-program, and a desktop that a phone vouches for."""

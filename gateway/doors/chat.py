KEYS = ("like", "mine", "help")

"""The voting service: whether this voter may like this entry now."""

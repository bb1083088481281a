"""Pages and API for voters: likes, sign-in through WeChat, its chat and mini-program, handoff to a desktop."""

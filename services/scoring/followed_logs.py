"""The log that scoring appends to, and the logs that its decisions follow.

This is the only declaration: the service's own hosting uses it, and `deploy` passes it to the gateway, which names
positions in these logs and in no others when it calls scoring.
"""

OWN_LOG = "scoring"
FOLLOWED_LOGS = ("moderation", "submission", "ranking")

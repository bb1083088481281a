"""The log that submission appends to, and the logs that its decisions follow.

This is the only declaration: the service's own hosting uses it, and `deploy` passes it to the gateway, which names
positions in these logs and in no others when it calls submission.
"""

OWN_LOG = "submission"
FOLLOWED_LOGS = ("moderation",)

"""The log that ranking appends to, and the logs that its decisions follow.

This is the only declaration: the service's own hosting uses it, and `deploy` passes it to the gateway, which names
positions in these logs and in no others when it calls ranking.
The projection follows every log (`queries.logs_of`).
"""

OWN_LOG = "ranking"
FOLLOWED_LOGS = ("moderation", "submission")

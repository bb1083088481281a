"""The logs that voting appends to and follows: one set for the nameko service, another for the vote writers.

This is the only declaration: the service and the writers use it, and `deploy` passes it to the gateway, which names
positions in these logs and in no others when it calls the service or sends like orders.
"""

OWN_LOG = "vote.cases"  # of the service; a vote writer appends to `vote.<partition>`
FOLLOWED_LOGS = ("moderation",)
FOLLOWED_BY_WRITERS = ("moderation", "submission")

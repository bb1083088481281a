"""Which logs the services and the vote writers fold (read to build their state), from their own declarations.

The gateway needs the list, but it talks by message only and may not import a service. So the process that starts the
gateway passes it this value.
"""

from gateway.backends.ports import FoldedLogs, ServiceLogs
from services.moderation import followed_logs as moderation
from services.ranking import followed_logs as ranking
from services.scoring import followed_logs as scoring
from services.submission import followed_logs as submission
from services.voting import followed_logs as voting

FOLDED_LOGS = FoldedLogs(
    services={
        "submission": ServiceLogs(submission.OWN_LOG, submission.FOLLOWED_LOGS),
        "moderation": ServiceLogs(moderation.OWN_LOG, moderation.FOLLOWED_LOGS),
        "scoring": ServiceLogs(scoring.OWN_LOG, scoring.FOLLOWED_LOGS),
        "ranking": ServiceLogs(ranking.OWN_LOG, ranking.FOLLOWED_LOGS),
        "voting": ServiceLogs(voting.OWN_LOG, voting.FOLLOWED_LOGS),
    },
    followed_by_writers=voting.FOLLOWED_BY_WRITERS,
)

"""Table of the environment variables that processes read, and of who sets each; Compose and Kubernetes pass them on.

Promises: every name that `shared/settings.py` reads is listed exactly once, either as set by the deployment, as set by
the operator, or as the setting of a file; a test compares. A file that holds a secret goes only to the processes that
read it.
Does not promise that a value is valid: the process checks it when it starts.
"""

from dataclasses import dataclass

from deploy.topology.processes import Process

#: Set by the deployment itself: addresses of engines, folders, ports and names.
SET_BY_DEPLOYMENT = (
    "BAIJIA_CAMPAIGN",
    "BAIJIA_MONGO_URI",
    "BAIJIA_AMQP_URI",
    "BAIJIA_DATA",
    "BAIJIA_PROCESS",
    "BAIJIA_HOST",
    "BAIJIA_METRICS_PORT",
    "BAIJIA_GATEWAY_PORT",
    "BAIJIA_METRICS_TARGETS",
)
#: Set by the operator. An empty value counts as unset: then the default of `shared/settings.py` applies.
SET_BY_OPERATOR = (
    "BAIJIA_PUBLIC_URL",
    "BAIJIA_WECHAT_API",
    "BAIJIA_WECHAT_OPEN",
    "BAIJIA_WECHAT_MP",
    "BAIJIA_GATEWAYS",
    "BAIJIA_TRUSTED_PROXIES",
    "BAIJIA_STAFF_NETWORKS",
)


@dataclass(frozen=True, slots=True)
class File:
    """A file that the operator provides: the setting that holds its path, its name, and the processes that read it."""

    setting: str
    name: str
    readers: frozenset[str]
    secret: bool = False

    @property
    def short(self) -> str:
        """The name of the file without its ending."""
        return self.name.partition(".")[0]


WECHAT = File("BAIJIA_WECHAT_FILE", "wechat.toml", frozenset({"gateway", "voting"}), secret=True)
CAMPAIGN = File("BAIJIA_CAMPAIGN_FILE", "campaign.toml", frozenset({"gateway"}))
STORAGE = File("BAIJIA_STORAGE_FILE", "storage.toml", frozenset({"gateway", "submission", "media-worker"}), secret=True)
MESSAGES = File("BAIJIA_MESSAGES_FILE", "messages.toml", frozenset({"clock"}), secret=True)
FILES = (WECHAT, CAMPAIGN, STORAGE, MESSAGES)


def files_of(process: Process) -> list[File]:
    """Return the operator's files that this process reads."""
    return [file for file in FILES if process.name in file.readers]

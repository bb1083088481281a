"""What a process reads from its environment, and who says it: the table that compose and Kubernetes pass on.

Promises: with what a deployment itself says (`SAID`), every name that `shared/settings.py` reads is here once; a test
compares. A file that holds a secret goes to those alone who read it. Does not promise that a value is good: the process
says so when it starts.
"""

from dataclasses import dataclass

from deploy.topology.processes import Process

#: What follows from the deployment: where engines, data and ports are.
SAID = (
    "BAIJIA_CAMPAIGN",
    "BAIJIA_MONGO_URI",
    "BAIJIA_AMQP_URI",
    "BAIJIA_DATA",
    "BAIJIA_PROCESS",
    "BAIJIA_HOST",
    "BAIJIA_METRICS_PORT",
    "BAIJIA_GATEWAY_PORT",
)
#: What the operator chooses. Empty is not chosen: the defaults are those of `shared/settings.py`.
CHOSEN = (
    "BAIJIA_PUBLIC_URL",
    "BAIJIA_WECHAT_API",
    "BAIJIA_WECHAT_OPEN",
    "BAIJIA_GATEWAYS",
    "BAIJIA_TRUSTED_PROXIES",
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the operator's, and the setting that says where it is. `readers`: by the names of the table."""

    setting: str
    name: str
    readers: frozenset[str]
    secret: bool = False

    @property
    def short(self) -> str:
        return self.name.partition(".")[0]


WECHAT = File("BAIJIA_WECHAT_FILE", "wechat.toml", frozenset({"gateway", "voting"}), secret=True)
CAMPAIGN = File("BAIJIA_CAMPAIGN_FILE", "campaign.toml", frozenset({"gateway"}))
FILES = (WECHAT, CAMPAIGN)


def files_of(process: Process) -> list[File]:
    """Those that this process reads."""
    return [file for file in FILES if process.name in file.readers]

"""Settings of this process from its environment, read once at the start. Nothing else reads the environment."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a process: its campaign, the addresses of its engines, its folders, ports and WeChat accounts."""

    campaign: str  # the campaign that this process works for; a part of database, queue and stream names
    mongo_uri: str  # the ledger, the vault and plain documents
    amqp_uri: str  # RabbitMQ: calls, like batches and streams
    data: Path  # the folder of uploads, keys and the campaign file
    process: str  # the name of the process among those of the campaign; default: the host's name
    host: str  # the interface that the metrics port and the gateway listen on
    metrics_port: int  # the port of `/healthz`, `/readyz` and `/metrics`; 0 takes any free port
    gateway_port: int  # the port on which the gateway answers HTTP
    public_url: str = ""  # where people reach the gateway; a live campaign needs it, a rehearsal may do without
    wechat_file: Path | None = None  # the accounts' secrets; without it nobody can come through WeChat
    wechat_api: str = "https://api.weixin.qq.com"  # the address of WeChat's API, or of its simulator
    wechat_open: str = "https://open.weixin.qq.com"  # the address to which a voter's browser is sent to authorise
    wechat_mp: str = "https://mp.weixin.qq.com"  # the address to which a cadre's browser is sent to agree to a message
    gateways: int = 1  # the number N of gateways; each allows 1/N of every admission rate
    trusted_proxies: tuple[str, ...] = ()  # addresses and networks whose X-Forwarded-For is believed
    staff_networks: tuple[str, ...] = ()  # addresses and networks from which staff may work; empty for all
    storage_file: Path | None = None  # the S3 store of uploads and its account; else they lie in the data folder
    messages_file: Path | None = None  # the channels of letters, with their accounts; without it none are sent
    metrics_targets: str = ""  # where the processes' metrics are, name=host:port,…; the page of operations reads them
    campaign_file: Path | None = None  # the campaign file, read for `[admission]` only

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Settings":
        """Return the settings from the `BAIJIA_*` variables. A variable that is missing or empty gives the default.

        Empty counts as missing because Docker Compose passes on each variable that nobody has set as empty. Raises
        ValueError for a number or a network that cannot be read.
        """

        def get(name: str, default: str = "") -> str:
            return environment.get(name) or default

        return Settings(
            campaign=get("BAIJIA_CAMPAIGN", "demo"),
            mongo_uri=get("BAIJIA_MONGO_URI", "mongodb://127.0.0.1:27017/?directConnection=true"),
            amqp_uri=get("BAIJIA_AMQP_URI", "amqp://guest:guest@127.0.0.1:5672//"),
            data=Path(get("BAIJIA_DATA", "data")),
            process=get("BAIJIA_PROCESS") or socket.gethostname(),
            host=get("BAIJIA_HOST", "127.0.0.1"),
            metrics_port=int(get("BAIJIA_METRICS_PORT", "0")),
            gateway_port=int(get("BAIJIA_GATEWAY_PORT", "8321")),
            public_url=get("BAIJIA_PUBLIC_URL").rstrip("/"),
            wechat_file=Path(file) if (file := get("BAIJIA_WECHAT_FILE")) else None,
            wechat_api=get("BAIJIA_WECHAT_API", "https://api.weixin.qq.com").rstrip("/"),
            wechat_open=get("BAIJIA_WECHAT_OPEN", "https://open.weixin.qq.com").rstrip("/"),
            wechat_mp=get("BAIJIA_WECHAT_MP", "https://mp.weixin.qq.com").rstrip("/"),
            gateways=max(1, int(get("BAIJIA_GATEWAYS", "1"))),
            trusted_proxies=_parse_networks(get("BAIJIA_TRUSTED_PROXIES")),
            staff_networks=_parse_networks(get("BAIJIA_STAFF_NETWORKS")),
            storage_file=Path(file) if (file := get("BAIJIA_STORAGE_FILE")) else None,
            messages_file=Path(file) if (file := get("BAIJIA_MESSAGES_FILE")) else None,
            metrics_targets=get("BAIJIA_METRICS_TARGETS"),
            campaign_file=Path(file) if (file := get("BAIJIA_CAMPAIGN_FILE")) else None,
        )

    @property
    def operations_file(self) -> Path:
        """The path of the campaign file, which processes read for its operational settings (`[admission]`) only: the
        rules themselves are in the ledger.
        """
        return self.campaign_file or self.data / "campaigns" / f"{self.campaign}.toml"

    @property
    def database(self) -> str:
        """The name of the campaign's database in MongoDB, `baijia_<campaign>` with underscores for hyphens."""
        return f"baijia_{self.campaign}".replace("-", "_")


def _parse_networks(text: str) -> tuple[str, ...]:
    """Split and check addresses and networks, separated by commas.

    Raises ValueError. Otherwise a proxy that was mistyped would not be trusted, and every voter would appear to have
    its address.
    """
    found = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in found:
        ip_network(each)
    return found

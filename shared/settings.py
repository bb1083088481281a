"""Where this process runs, from its environment. Read once, at the start; nothing else reads the environment."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """One campaign, one database, and its name in every queue and stream."""

    campaign: str
    mongo_uri: str
    amqp_uri: str
    data: Path
    process: str  # its name among all of the campaign; the host's where none is given
    host: str  # the interface that the metrics and the gateway listen on
    metrics_port: int  # 0: any free one
    gateway_port: int
    public_url: str = ""  # where people reach the gateway; without it each request says so itself
    wechat_file: Path | None = None  # the accounts' secrets; without it the doors of WeChat stay shut
    wechat_api: str = "https://api.weixin.qq.com"  # another address: the simulator's
    wechat_open: str = "https://open.weixin.qq.com"  # where a person is sent to authorise
    gateways: int = 1  # how many share the work: each holds 1/N of every rate of admission
    trusted_proxies: tuple[str, ...] = ()  # addresses and networks whose X-Forwarded-For is believed
    campaign_file: Path | None = None  # None: where `operations` says

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Settings":
        """What is not set, or empty, has its default: compose hands on as empty what nobody has set."""

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
            gateways=max(1, int(get("BAIJIA_GATEWAYS", "1"))),
            trusted_proxies=_networks(get("BAIJIA_TRUSTED_PROXIES")),
            campaign_file=Path(file) if (file := get("BAIJIA_CAMPAIGN_FILE")) else None,
        )

    @property
    def operations(self) -> Path:
        """The campaign file that is read for what is operational in it; the rules themselves are in the ledger."""
        return self.campaign_file or self.data / "campaigns" / f"{self.campaign}.toml"

    @property
    def database(self) -> str:
        return f"baijia_{self.campaign}".replace("-", "_")


def _networks(text: str) -> tuple[str, ...]:
    """Addresses and networks, with commas. Raises ValueError: a proxy that is not understood would be trusted by
    nobody, and every voter would have its address."""
    found = tuple(each.strip() for each in text.split(",") if each.strip())
    for each in found:
        ip_network(each)
    return found

"""The reference page of settings: environment variables, processes, and the files that an operator writes."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING
from typing import get_type_hints

from deploy.messages.smpp_channel import MessageCentre
from deploy.messages.smtp_channel import MailServer
from deploy.reference.markdown import HEAD, code, kind_of, table
from deploy.reference.source import fields_with_comments
from deploy.topology import environment
from deploy.topology.processes import TABLE
from gateway.admission.settings import Admission
from gateway.wechat.account import Account
from shared import settings
from shared.media.storage import Bucket

#: Variables that no process reads, with the command that does, and what they mean.
OF_COMMANDS = (
    (
        "`BAIJIA_AMQP_PASSWORD`",
        "`docker compose`, `deploy.k8s.broker_secrets`",
        "the password of the broker's administrator; default: the one that `make up` put into `.env`",
    ),
    (
        "`BAIJIA_MONGO_PASSWORD`",
        "`docker compose`",
        "MongoDB's password; default: the one that `make up` put into `.env`",
    ),
    (
        "`BAIJIA_ENGINES`",
        "`make`",
        "which engines are used: `box`, `compose` or `given`. Default: `given` if both addresses of engines are set, "
        "else `compose` where a Docker engine answers, else `box`",
    ),
    ("`BAIJIA_SEED`", "`make faults`", "the seed that a run printed, to repeat it"),
)


def settings_page() -> str:
    """Return the Markdown of the page of environment variables, of all processes, and of the operator's files."""
    hints = get_type_hints(settings.Settings)
    meanings = {each.name: meaning for each, meaning in fields_with_comments(settings.Settings)}
    rows = []
    for field, name, default in _environment():
        kind = "deployment" if name in environment.SET_BY_DEPLOYMENT else "operator"
        readers = next((sorted(each.readers) for each in environment.FILES if each.setting == name), ["all"])
        rows.append((f"`{name}`", kind_of(hints[field]), code(default), kind, ", ".join(readers), meanings[field]))
    return "\n".join(
        (
            HEAD.format("Settings"),
            "A process reads its settings from the environment once, when it starts (`shared/settings.py`).",
            "A variable that is missing or empty has its default.",
            "The deployment itself sets the first kind: `make up`, the compose file and the Kubernetes manifests do.",
            "The operator chooses the second kind (`deploy/topology/environment.py`).",
            "",
            *table(("variable", "type", "default", "set by", "read by", "meaning"), rows),
            "\n## Variables of the commands\n",
            "Only the commands that stand beside them read these.",
            "",
            *table(("variable", "read by", "meaning"), OF_COMMANDS),
            "\n## Processes\n",
            "The table of `deploy/topology/processes.py`. A metrics port that is busy gives way to a free one.",
            "",
            *table(
                ("process", "command", "copies", "metrics port", "HTTP port"),
                [
                    (each.name, f"`python -m deploy.run {' '.join(each.words)}`", str(each.count),
                     str(each.metrics_port), str(each.http_port or ""))
                    for each in TABLE
                ],
            ),
            "\n## `[admission]` of the campaign file\n",
            "What a like costs its sender, never whether it counts. A gateway reads it from the file that",
            "`BAIJIA_CAMPAIGN_FILE` names, else from `campaigns/<campaign>.toml` in its data folder.",
            "",
            *table(
                ("key", "default", "meaning"),
                [(f"`{each.name}`", str(each.default), meaning) for each, meaning in fields_with_comments(Admission)],
            ),
            "\n## The file of WeChat's secrets\n",
            "`BAIJIA_WECHAT_FILE`, TOML or JSON, with one table for each account: `service` must be there,",
            "`subscription` and `miniprogram` may be.",
            "",
            *_keys(Account),
            "\n## The file of an S3 store\n",
            "`BAIJIA_STORAGE_FILE`, TOML: uploads and their copies then lie in a bucket instead of the data folder.",
            "All processes that read it must have the same file; what lies in the folder already is not moved.",
            "",
            *_keys(Bucket),
            "\n## The file of the channels of letters\n",
            "`BAIJIA_MESSAGES_FILE`, TOML, with a table for each channel: `[email]` with `transport = \"smtp\"` or",
            "`\"file\"`, `[sms]` with `transport = \"smpp\"` or `\"file\"`, `[wechat]` with",
            "`transport = \"subscription\"`.",
            "A letter goes by WeChat first, then by e-mail, then as a short message, as far as there is an address.",
            "WeChat has no other key: its account and template stand in `BAIJIA_WECHAT_FILE`.",
            "Files are written below `messages/<campaign>` in the data folder.",
            "A channel of the transport `file` knows one more key, `sender`, for e-mails.",
            "SMTP knows these keys:",
            "",
            *_keys(MailServer),
            "\nSMPP (3.4) knows these:\n",
            *_keys(MessageCentre),
            "",
        )
    )  # fmt: skip


def _keys(kind: type) -> list[str]:
    """Return the table of a file's keys, from the fields of what is read from it and their comments."""
    rows = [
        (f"`{each.name}`", "required" if each.default is MISSING else code(each.default), meaning)
        for each, meaning in fields_with_comments(kind)
    ]
    return list(table(("key", "default", "meaning"), rows))


def _environment() -> Iterator[tuple[str, str, str]]:
    """Yield field, variable and default as `Settings.read` reads them, in its order."""
    yield from re.findall(r'^ +(\w+)=.*?\bget\("(\w+)"(?:, "([^"]*)")?\)', inspect.getsource(settings), re.MULTILINE)

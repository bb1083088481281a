"""A nameko service for the tests of the RPC client, which answers, fails, or answers late."""

import os

import eventlet
from nameko.rpc import rpc


class Echo:
    """Answers under ranking's name."""

    name = f"{os.environ['BAIJIA_CAMPAIGN']}.ranking"

    @rpc
    def views(self, call: dict) -> dict:
        data = {"id": "demo", "rehearsal": True, "clock": 1000, "windows": {}, "asked_at": call["at"]}
        return {"ok": {"views": {"campaign": {"cut": {"moderation": 1}, "data": data}}}}

    @rpc
    def echo(self, call: dict) -> dict:
        return {"ok": call}

    @rpc
    def fail(self, call: dict) -> dict:
        raise KeyError(call["body"])

    @rpc
    def dawdle(self, call: dict) -> dict:
        """Answer after as many seconds as the body says."""
        eventlet.sleep(call["body"])
        return {"ok": {}}

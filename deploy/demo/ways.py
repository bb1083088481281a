"""By which door each voter of the demo comes: a tenth through WeChat, the others through the development door.

Promises: the same seed, names and steps give the same ways; what a voter does is the same by any of them. Of those in
WeChat most come by its browser, some by a tap on the account's menu first, some by nothing but text messages: these
never take a like back, since a message cannot say so.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Literal

from deploy.demo.crowd import LikeStep

Way = Literal["browser", "menu", "text"]
IN_WECHAT = 10  # one of so many: 2,000 of 20,000
BY_TEXT = BY_MENU = 30  # one of so many in WeChat: some dozens


def ways(seed: int, names: Sequence[str], steps: Sequence[LikeStep]) -> Mapping[str, Way]:
    """The way of each voter who comes through WeChat. All others come through the development door."""
    rng = random.Random(f"{seed}/ways")
    inside = rng.sample(names, len(names) // IN_WECHAT)
    silent, takes_back = set(inside), set()
    for step in steps:
        silent.discard(step.voter)
        if step.action == "unlike":
            takes_back.add(step.voter)
    texting = [each for each in inside if each not in takes_back and each not in silent][: len(inside) // BY_TEXT]
    others = [each for each in inside if each not in set(texting)]
    tapping = others[: len(inside) // BY_MENU]
    return {**dict.fromkeys(others, "browser"), **dict.fromkeys(tapping, "menu"), **dict.fromkeys(texting, "text")}

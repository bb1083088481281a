"""Choose the door of each voter of the demo: a tenth come through WeChat, the others through the development door.

A door is how a voter comes: by WeChat's browser, its menu or text messages, or, in rehearsals, without any sign-in.

Promises: the same seed, names and steps give the same doors, and a voter's steps do not depend on the door. Most voters
in WeChat use its browser, some tap the account's menu first, and some send only text messages; the last never unlike,
because a text message cannot do that.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Literal

from deploy.demo.like_steps import LikeStep

WechatDoor = Literal["browser", "menu", "text"]
IN_WECHAT = 10  # one voter in this many: 2,000 of 20,000
BY_TEXT = BY_MENU = 30  # one voter in this many of those in WeChat: some dozens


def wechat_doors(seed: int, names: Sequence[str], steps: Sequence[LikeStep]) -> Mapping[str, WechatDoor]:
    """Return the door of each voter who comes through WeChat, by name. All others come through the development door."""
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

"""All generated data of the demo in one import: units, entries, files, voters and judges.

Promises: the seed determines everything (the modules name the exceptions), and no function calls the product.
"""

from deploy.demo.entry_drafts import BAD_COUNTS, EntryDraft, bad_entries, entries
from deploy.demo.judges import (
    Judge,
    judges,
    mark,
    required_explanation,
    weighted,
)
from deploy.demo.like_steps import LikeStep, likes, voters
from deploy.demo.media_files import NOT_A_VIDEO, long_video, phone_heic, phone_photo, picture, video, wmv
from deploy.demo.units import RollRow, roll, roll_csv

__all__ = [
    "BAD_COUNTS",
    "NOT_A_VIDEO",
    "EntryDraft",
    "Judge",
    "LikeStep",
    "RollRow",
    "bad_entries",
    "entries",
    "judges",
    "likes",
    "long_video",
    "mark",
    "phone_heic",
    "phone_photo",
    "picture",
    "required_explanation",
    "roll",
    "roll_csv",
    "video",
    "voters",
    "weighted",
    "wmv",
]

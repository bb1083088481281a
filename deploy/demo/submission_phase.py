"""First phase of the demo: import the roll, submit entries with real files, and moderate them.

The roll is the organiser's list of the units that may take part.
"""

import asyncio
import random
from pathlib import Path

from deploy.demo import demo_data
from deploy.demo.client import Answer, DemoFailed, Person, log_in
from deploy.demo.context import DemoContext, run_concurrently
from deploy.demo.demo_data import EntryDraft

WORKERS = 8
BY_BROWSER = 0  # the draft that a cadre hands in by the pages
FROM_PHONES = (20, 60, 100)  # the drafts whose first pictures come straight from a phone, one of them as HEIC
WITH_WMV = 21  # a draft with a film of an older Windows program
LARGE_BYTES = 3_000_000
PHONE_PARTS = 3  # in so many parts a photo is sent, as over a line that breaks
VIDEO_S = 6
RETURNED_EVERY, REJECTED_EVERY = 11, 37
REFUSED_AS = {
    "text-too-long": "text-too-long",
    "too-few-pictures": "too-few-pictures",
    "video-too-long": "video-too-long",
    "not-a-video": "media-unreadable",
    "ineligible-level": "level-not-eligible",
    "after-deadline": "window-closed",
}
MAY_NOT_UPLOAD = ("ineligible-level", "after-deadline")


async def import_roll(context: DemoContext, rows: list[demo_data.RollRow]) -> None:
    """Import the roll into the product as the organiser, who first reads what it would change. Raises DemoFailed."""
    text = demo_data.roll_csv(rows)
    seen = await context.organiser.post_csv("/roll/check", text)
    counts = ", ".join(f"{name} {count}" for name, count in seen["counts"].items())
    context.output.print_line(f"roll compared with the roll in force: {counts}")
    confirm = seen["confirm"]
    answer = await context.organiser.post_csv(f"/roll?confirm={confirm}", text, key=f"roll-{confirm[:16]}")
    context.output.print_line(f"roll imported: {answer['rows']} units, digest {answer['digest'][:16]}…")


class Submissions:
    """Submit the drafts as their units. `entries` maps the index of a submitted draft to the id of its entry."""

    def __init__(self, context: DemoContext, drafts: list[EntryDraft], films: Path) -> None:
        self._context, self.drafts, self._films = context, drafts, films
        self._units: dict[str, Person] = {}
        self.entries: dict[int, str] = {}
        self.files = 0

    async def submit_valid(self) -> None:
        """Submit every valid draft, at times spread over the submission window. Raises DemoFailed if one is refused."""
        start, end = self._context.windows["submission"]
        step = (end - start) // (len(self.drafts) + 1)
        with self._context.output.bar("entries submitted", len(self.drafts)) as bar:

            async def submit(k: int) -> None:
                if k in self.entries:  # by the browser
                    bar.step()
                    return
                answer = await self._hand_in(k, self.drafts[k], at=start + (k + 1) * step)
                if not answer.ok:
                    raise DemoFailed(f"a valid entry was refused: {answer.body}")
                self.entries[k] = answer.body["entry"]
                bar.step()

            await run_concurrently(range(len(self.drafts)), submit, workers=WORKERS)
        self._context.output.print_line(f"files uploaded and probed: {self.files}")

    async def submit_invalid(self, drafts: list[tuple[str, EntryDraft]], *, late: bool) -> None:
        """Submit the invalid drafts, and check that each is refused with the code of its fault. Raises DemoFailed.

        With `late`, only the drafts that come after the deadline are submitted, otherwise only the others.
        """
        start, end = self._context.windows["submission"]
        at = end + 2 * 3_600_000 if late else (start + end) // 2

        async def submit(work: tuple[int, tuple[str, EntryDraft]]) -> None:
            k, (kind, draft) = work
            answer = await self._hand_in(10_000 + k, draft, at=at, kind=kind)
            self._context.refusals[answer.code] += 1
            if REFUSED_AS[kind] != answer.code:
                raise DemoFailed(f"{kind} was answered {answer.status} {answer.body}")

        chosen = [each for each in drafts if (each[0] == "after-deadline") == late]
        await run_concurrently(enumerate(chosen), submit, workers=WORKERS)

    async def revise(self, k: int, *, at: int) -> None:
        """Submit a second version of the entry of draft `k`, which a moderator returned. Raises DemoFailed."""
        draft, entry = self.drafts[k], self.entries[k]
        unit = await self._unit(draft)
        body = await self._body(unit, k, draft, kind="")
        if isinstance(body, Answer):
            raise DemoFailed(f"the file of a revised entry was refused: {body.body}")
        title = f"{body['title']}（修订）"
        answer = await unit.send("PUT", f"/my/entries/{entry}", {**body, "title": title}, at=at)
        if not answer.ok:
            raise DemoFailed(f"a revised entry was refused: {answer.body}")

    async def _hand_in(self, k: int, draft: EntryDraft, *, at: int, kind: str = "") -> Answer:
        unit = await self._unit(draft)
        body = await self._body(unit, k, draft, kind=kind)
        if isinstance(body, Answer):
            return body
        return await unit.send("POST", "/my/entries", body, at=at)

    async def _unit(self, draft: EntryDraft) -> Person:
        code = draft.unit.code
        if code not in self._units:
            self._units[code] = await log_in(self._context.api, unit=code, access_code=draft.unit.access_code)
        return self._units[code]

    async def _body(self, unit: Person, k: int, draft: EntryDraft, *, kind: str) -> dict[str, object] | Answer:
        """Upload the files and return the body of the submission; return the refusal if a file is refused.

        Those who may not hand in may not upload either, so that their drafts come without files.
        """
        seed = self._context.seed
        names = [(f"照片{j + 1}.jpg", demo_data.picture(seed, k * 100 + j)) for j in range(draft.pictures)]
        if k in FROM_PHONES and not kind:
            names[:2] = await asyncio.to_thread(self._photos, k)
        if kind in MAY_NOT_UPLOAD:
            names.clear()
        elif k == WITH_WMV and not kind:
            names.append(("车间一日.wmv", demo_data.wmv(self._films).read_bytes()))
        elif draft.video:
            names.append(("视频.mp4", self._film(k, kind)))
        files = []
        for name, data in names:
            parts = PHONE_PARTS if len(data) > LARGE_BYTES else 1
            answer = await unit.upload(data, name, parts=parts)
            if not answer.ok:
                return answer
            files.append({"sha256": answer.body["file"]["sha256"], "name": name})
            self.files += 1
        words = (await unit.read("/declaration"))["words"]
        return {
            "title": draft.title,
            "profile": draft.profile,
            "text": draft.text,
            "themes": list(draft.themes),
            "h5": draft.h5,
            "files": files,
            "consent": words,
        }

    def _photos(self, k: int) -> list[tuple[str, bytes]]:
        """Return two photos of a phone: both as JPEG, or one as HEIC."""
        seed, first = self._context.seed, 1_000 + 2 * k
        photo = (f"IMG_{first}.JPG", demo_data.phone_photo(seed, first, turned=k == FROM_PHONES[0]))
        if k == FROM_PHONES[-1]:
            return [photo, (f"IMG_{first + 1}.HEIC", demo_data.phone_heic(seed, first + 1))]
        return [photo, (f"IMG_{first + 1}.JPG", demo_data.phone_photo(seed, first + 1, turned=False))]

    def _film(self, k: int, kind: str) -> bytes:
        if kind == "not-a-video":
            return demo_data.NOT_A_VIDEO
        if kind == "video-too-long":
            return demo_data.long_video(self._films).read_bytes()
        return demo_data.video(self._context.seed * 100_000 + k, VIDEO_S, self._films).read_bytes()


async def moderate(context: DemoContext, submissions: Submissions) -> set[int]:
    """Decide on all entries as moderators: approve most, return some for revision, reject a few.

    Returns the indices of the approved drafts. Raises DemoFailed.
    """
    queue = sorted(submissions.entries)
    random.Random(f"{context.seed}/desk").shuffle(queue)
    returned = set(queue[::RETURNED_EVERY])
    rejected = set(queue[5::REJECTED_EVERY]) - returned
    _, end = context.windows["submission"]
    revise_by = end + 5 * 86_400_000
    with context.output.bar("entries decided", len(queue)) as bar:

        async def review(k: int) -> None:
            desk, entry = context.moderators[k % len(context.moderators)], submissions.entries[k]
            await desk.do(f"/moderation/entries/{entry}/claim")
            if k in returned:
                remark = {"item": "title", "words": "标题请写明做法，不要只写单位名称"}
                body = {"version": 1, "remarks": [remark], "until": revise_by}
                await desk.do(f"/moderation/entries/{entry}/return", body)
                await submissions.revise(k, at=end + 86_400_000 + k)
                await desk.do(f"/moderation/entries/{entry}/claim", {}, at=end + 2 * 86_400_000)
                await desk.do(f"/moderation/entries/{entry}/approval", {"version": 2}, at=end + 2 * 86_400_000)
            elif k in rejected:
                body = {"version": 1, "reason": "材料与申报主题不符"}
                await desk.do(f"/moderation/entries/{entry}/rejection", body)
            else:
                await desk.do(f"/moderation/entries/{entry}/approval", {"version": 1})
            bar.step()

        await run_concurrently(queue, review, workers=WORKERS)
    context.output.print_line(f"returned and revised {len(returned)}, rejected {len(rejected)}")
    return set(queue) - rejected

"""First phase of the demo: import the roll, submit entries with real files, and moderate them."""

import random
from pathlib import Path

from deploy.demo import material
from deploy.demo.client import Answer, DemoFailed, Person, log_in
from deploy.demo.crew import Crew, side_by_side
from deploy.demo.material import EntryDraft

HANDS = 8
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


async def import_roll(crew: Crew, rows: list[material.RollRow]) -> None:
    """Import the roll as the organiser. Raises DemoFailed."""
    answer = await crew.organiser.post_csv("/roll", material.roll_csv(rows))
    crew.show.say(f"roll imported: {answer['rows']} units, digest {answer['digest'][:16]}…")


class HandIns:
    """Submission of the drafts by their units; `entries` maps a draft's index to the id of its entry."""

    def __init__(self, crew: Crew, drafts: list[EntryDraft], films: Path) -> None:
        self._crew, self.drafts, self._films = crew, drafts, films
        self._units: dict[str, Person] = {}
        self.entries: dict[int, str] = {}
        self.files = 0

    async def good(self) -> None:
        """Submit every valid draft, at instants spread over the submission window. Raises DemoFailed."""
        start, end = self._crew.windows["submission"]
        step = (end - start) // (len(self.drafts) + 1)
        with self._crew.show.bar("entries submitted", len(self.drafts)) as bar:

            async def one(k: int) -> None:
                answer = await self._hand_in(k, self.drafts[k], at=start + (k + 1) * step)
                if not answer.ok:
                    raise DemoFailed(f"a valid entry was refused: {answer.body}")
                self.entries[k] = answer.body["entry"]
                bar.step()

            await side_by_side(range(len(self.drafts)), one, hands=HANDS)
        self._crew.show.say(f"files uploaded and probed: {self.files}")

    async def bad(self, drafts: list[tuple[str, EntryDraft]], *, late: bool) -> None:
        """Submit the invalid drafts that are (or are not) late, and check that each is refused with its code."""
        start, end = self._crew.windows["submission"]
        at = end + 2 * 3_600_000 if late else (start + end) // 2

        async def one(work: tuple[int, tuple[str, EntryDraft]]) -> None:
            k, (kind, draft) = work
            answer = await self._hand_in(10_000 + k, draft, at=at, kind=kind)
            self._crew.refusals[answer.code] += 1
            if REFUSED_AS[kind] != answer.code:
                raise DemoFailed(f"{kind} was answered {answer.status} {answer.body}")

        chosen = [each for each in drafts if (each[0] == "after-deadline") == late]
        await side_by_side(enumerate(chosen), one, hands=HANDS)

    async def revise(self, k: int, *, at: int) -> None:
        """Submit a revised version of an entry that a moderator returned. Raises DemoFailed."""
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
            self._units[code] = await log_in(self._crew.api, unit=code, access_code=draft.unit.access_code)
        return self._units[code]

    async def _body(self, unit: Person, k: int, draft: EntryDraft, *, kind: str) -> dict[str, object] | Answer:
        """Upload the files and return the body of the submission; return the refusal if a file is refused."""
        names = [(f"照片{j + 1}.jpg", material.picture(self._crew.seed, k * 100 + j)) for j in range(draft.pictures)]
        if draft.video:
            names.append(("视频.mp4", self._film(k, kind)))
        files = []
        for name, data in names:
            answer = await unit.upload(data, name)
            if not answer.ok:
                return answer
            files.append({"sha256": answer.body["sha256"], "name": name})
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

    def _film(self, k: int, kind: str) -> bytes:
        if kind == "not-a-video":
            return material.NOT_A_VIDEO
        if kind == "video-too-long":
            return material.long_video(self._films).read_bytes()
        return material.video(self._crew.seed * 100_000 + k, VIDEO_S, self._films).read_bytes()


async def moderate(crew: Crew, handed: HandIns) -> set[int]:
    """Review all entries: approve most, return some for revision, reject a few; return the approved drafts' indices."""
    order = sorted(handed.entries)
    random.Random(f"{crew.seed}/desk").shuffle(order)
    returned = set(order[::RETURNED_EVERY])
    rejected = set(order[5::REJECTED_EVERY]) - returned
    _, end = crew.windows["submission"]
    revise_by = end + 5 * 86_400_000
    with crew.show.bar("entries decided", len(order)) as bar:

        async def one(k: int) -> None:
            desk, entry = crew.moderators[k % len(crew.moderators)], handed.entries[k]
            await desk.do(f"/moderation/entries/{entry}/claim")
            if k in returned:
                remark = {"item": "title", "words": "标题请写明做法，不要只写单位名称"}
                body = {"version": 1, "remarks": [remark], "until": revise_by}
                await desk.do(f"/moderation/entries/{entry}/return", body)
                await handed.revise(k, at=end + 86_400_000 + k)
                await desk.do(f"/moderation/entries/{entry}/claim", {}, at=end + 2 * 86_400_000)
                await desk.do(f"/moderation/entries/{entry}/approval", {"version": 2}, at=end + 2 * 86_400_000)
            elif k in rejected:
                body = {"version": 1, "reason": "材料与申报主题不符"}
                await desk.do(f"/moderation/entries/{entry}/rejection", body)
            else:
                await desk.do(f"/moderation/entries/{entry}/approval", {"version": 1})
            bar.step()

        await side_by_side(order, one, hands=HANDS)
    crew.show.say(f"returned and revised {len(returned)}, rejected {len(rejected)}")
    return set(order) - rejected

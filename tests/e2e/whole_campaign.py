"""One campaign of the tests' own, by browser alone: from the operator's set-up link to certificates and the recount.

Everything that a person does here is done by clicking and typing in a page; the town only lets time pass. Run it with

    python -m tests.e2e.whole_campaign FOLDER

to find numbered pictures of every page and state in that folder. `test_whole_campaign.py` runs it as a test.
"""

import io
import re
import sys
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import running_browser
from tests.e2e.accessibility import overflow_px, violations
from tests.e2e.campaign_town import CampaignTown

PHONE, DESK = {"width": 360, "height": 640}, {"width": 1366, "height": 768}
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605 Version/16.0 Mobile/15E148 Safari/604"
WECHAT = f"{SAFARI} MicroMessenger/8.0.47"
ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WAIT_MS = 60_000  # for what a page does after a click; a slow machine needs it
PROOF = "请再次确认是您本人"
PASSWORD = "seven quiet ferries"
TITLE = "青澜市职工微创新展示"
#: Words that no page shows to anybody: values that were not filled in, and internal names.
SLIPS = re.compile(r"\bNone\b|\bnull\b|\bundefined\b|\bNaN\b|\{\w*\}|\bU0\d-\d\b|vote\.\d")
UNITS = (
    ("QL01", "青澜港务集团工会", "港口"),
    ("QL02", "青澜第二医院工会", "东城"),
    ("QL03", "青澜地铁运营公司工会", "西城"),
    ("QL04", "青澜市第一中学工会", "东城"),
    ("QL05", "青澜热力公司工会", "北山"),
    ("QL06", "青澜邮政分公司工会", "西城"),
)
ENTRIES = {
    "QL01": ("岸桥吊具快换台", "两名钳工把换一次吊具的时间从四十分钟减到九分钟。"),
    "QL02": ("会提醒的输液架", "护士长用三个月做出一个到量就亮灯的输液架。"),
    "QL03": ("隧道里的折叠梯", "检修班把十二公斤的铝梯改成六公斤的折叠梯。"),
    "QL04": ("一分钟黑板擦", "后勤组的老师傅用旧水管做了吸尘的黑板擦。"),
    "QL05": ("听得见的阀门", "巡检员在阀门上装了听筒，漏水的声音一听就知道。"),
}


def at(text: str) -> int:
    """Return a local date and time, such as 2027-03-02 09:00, in ms."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1_000)


def picture(k: int) -> dict[str, Any]:
    """Return a drawn picture as a file chooser gives it, different for each `k`."""
    image = Image.new("RGB", (1_200, 800), (40 + 31 * k % 180, 90 + 17 * k % 120, 170 - 23 * k % 120))
    pen = ImageDraw.Draw(image)
    for i in range(7):
        pen.rectangle((70 + i * 155, 500 - (i * 53 + k * 67) % 320, 180 + i * 155, 720), fill=(235, 210, 160 - 11 * i))
    pen.ellipse((900 - 60 * (k % 9), 60, 1_040 - 60 * (k % 9), 200), fill=(250, 240, 220))
    page = io.BytesIO()
    image.save(page, "JPEG", quality=85)
    return {"name": f"现场{k}.jpg", "mimeType": "image/jpeg", "buffer": page.getvalue()}


class Camera:
    """Takes a numbered picture of a page, and notes what is wrong with it. `faults` are texts, one for each fault."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.faults, self.count = folder, list[str](), 0
        self._taken: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        """Check the page that is open by axe, for words that slipped through, and for its width; then picture it.

        A state that was pictured before, by its name, is passed over.
        """
        if name in self._taken:
            return
        self._taken.add(name)
        page.wait_for_load_state()
        self.count += 1
        label = f"{self.count:03} {name}"
        found = [*violations(page)]
        if overflow_px(page):
            found.append(f"the page is {overflow_px(page)} px wider than its window")
        found += [f"shows {each!r}" for each in SLIPS.findall(page.locator("body").inner_text())]
        self.faults += [f"{label}: {each}" for each in found]
        page.screenshot(path=self.folder / f"{label.replace(' ', '-')}.png", full_page=True)


class Walk:
    """The persons of the campaign and what each does, in the order of the methods."""

    def __init__(self, town: CampaignTown, browser: Browser, folder: Path) -> None:
        self.town, self.browser, self.camera = town, browser, Camera(folder)
        self.errors: list[str] = []
        self._has_proved = False
        self._contexts: dict[str, BrowserContext] = {}

    # Browsers

    def person(self, name: str, *, size: dict[str, int] | None = None, agent: str = "") -> Page:
        """Return a new page in the browser of a person, who has one browser for the whole campaign."""
        if name not in self._contexts:
            more: dict[str, Any] = {"user_agent": agent} if agent else {}
            context = self.browser.new_context(locale="zh-CN", viewport=size or DESK, **more)  # type: ignore[arg-type]
            context.set_default_timeout(WAIT_MS)
            self._contexts[name] = context
        page = self._contexts[name].new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{name} {page.url}: {error}"))
        page.on(
            "console",
            lambda said: self.errors.append(f"{name} {page.url}: {said.text}") if said.type == "error" else None,
        )
        return page

    def open(self, page: Page, path: str) -> Page:
        """Open a path of the gateway."""
        page.goto(path if path.startswith("http") else self.town.url + path)
        return page

    def look(self, page: Page, name: str) -> None:
        """Check and picture what is open."""
        self.camera.take(page, name)

    def see(self, page: Page, words: str) -> None:
        """Wait until the page says this."""
        expect(page.locator("main")).to_contain_text(words, timeout=WAIT_MS)

    def press(self, page: Page, name: str, says: str = "") -> None:
        """Press the only button with this name, and wait until the page says this.

        Where the page asks for the password again, which it does five minutes after the last time, give it.
        """
        page.get_by_role("button", name=name, exact=True).click()
        if says:
            expect(page.locator("main")).to_contain_text(re.compile(f"{re.escape(says)}|{PROOF}"), timeout=WAIT_MS)
            if PROOF in page.locator("main").inner_text():
                self._prove(page)
                self.see(page, says)

    def _prove(self, page: Page) -> None:
        if not self._has_proved:
            self.look(page, "password again")
        self._has_proved = True
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="确认并提交").click()

    # The campaign and its people

    def set_up(self) -> None:
        """The operator's link, ten answers, the check, and the opening."""
        page = self.person("setup")
        self.open(page, f"/setup/{self.town.secret()}")
        self.look(page, "set-up link")
        self.press(page, "开始")
        self.see(page, "从哪里开始")
        self.look(page, "set-up templates")
        self.press(page, "开始填写")
        answers: tuple[tuple[str, dict[str, str]], ...] = (
            ("1 名称", {"活动名称": TITLE, "英文名称": "Qinglan Small Innovations", "主办单位": "青澜市总工会",
                        "联系方式": "0500-1234567"}),
            ("2 时间", {"报送开始": "2027-03-01T00:00", "报送截止": "2027-03-15T00:00", "点赞开始": "2027-03-22T00:00",
                        "点赞截止": "2027-03-29T00:00", "评审开始": "2027-03-29T00:00", "评审截止": "2027-04-05T00:00",
                        "展播开始": "2027-04-12T00:00", "展播截止": "2027-07-11T00:00"}),
            ("3 参加与名额", {"总名额": "3"}),
            ("4 成果", {"图片最少几张": "1"}),
            ("5 点赞", {"点赞积分占比": "0.4", "每人每天最多点赞几件": "3"}),
            ("6 评审", {"每件至少几位专家": "2"}),
            ("7 外观", {"主色": "#0b5d4e"}),
        )  # fmt: skip
        for heading, fields in answers:
            expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=WAIT_MS)
            for label, value in fields.items():
                page.get_by_label(label, exact=True).fill(value)
            self.look(page, f"set-up {heading}")
            self.press(page, "保存并继续")
        expect(page.get_by_role("heading", name="8 检查")).to_be_visible(timeout=WAIT_MS)
        for k, (staff, name) in enumerate((("olga", "欧佳"), ("otto", "欧涛")), start=1):
            page.get_by_label(f"第 {k} 位组织者的登录名").fill(staff)
            page.get_by_label(f"第 {k} 位组织者的姓名").fill(name)
        page.get_by_label("演练").check()
        self.look(page, "set-up check")
        self.press(page, "开通")
        expect(page.get_by_role("heading", name="活动已开通")).to_be_visible(timeout=WAIT_MS)
        self.look(page, "set-up done")
        links = [str(each.get_attribute("href")) for each in page.locator("dd a").all()]
        for staff, link in zip(("olga", "otto"), links, strict=True):
            self.choose_password(staff, link)
            self.sign_in(staff)

    def choose_password(self, staff: str, link: str) -> None:
        """A member of staff chooses a password by the one-time link."""
        page = self.open(self.person(staff), link)
        self.look(page, "staff choose a password")
        page.locator("#new-password").fill(PASSWORD)
        page.locator("#again").fill(PASSWORD)
        page.locator("main button").click()
        expect(page.locator("#again")).to_have_count(0, timeout=WAIT_MS)
        self.look(page, "staff have a password")

    def sign_in(self, staff: str) -> None:
        """A member of staff signs in."""
        page = self.open(self.person(staff), "/desk/sign-in")
        self.look(page, "staff sign in")
        page.locator("#staff").fill(staff)
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_url(lambda url: "/desk/sign-in" not in url)
        self.look(page, f"{staff} is signed in")

    def check_and_lock(self) -> None:
        """An organiser reads the campaign's rules once more and locks them."""
        page = self.open(self.person("olga"), "/organiser")
        self.look(page, "organiser checklist at the beginning")
        self.open(page, "/organiser/campaign?step=check")
        self.look(page, "campaign file before the lock")
        self.press(page, "锁定")
        self.see(page, "规则已锁定")
        self.look(page, "campaign file locked")

    def appoint(self) -> None:
        """An organiser appoints a moderator, an analyst, an operator and judges by links shown once."""
        for staff, name, *roles in (
            ("mei", "莫梅", "审核员"),
            ("ada", "安达", "监督员"),
            ("oda", "欧达", "运维员"),
            ("jin", "金评委", "评委"),
            ("ju", "居评委", "评委"),
            ("jia", "贾评委", "评委"),
        ):
            page = self.open(self.person("olga"), "/organiser/staff")
            page.get_by_label("登录名").fill(staff)
            page.get_by_label("姓名", exact=True).fill(name)
            for role in roles:
                page.get_by_label(role, exact=True).check()
            self.press(page, "任命或改动", "下面的内容只显示这一次")
            link = page.locator(".success code").first
            expect(link).to_be_visible(timeout=WAIT_MS)
            self.look(page, "staff are appointed")
            self.choose_password(staff, link.inner_text())
            self.sign_in(staff)

    def import_roll(self) -> str:
        """An organiser imports the roll and prints invitations; return the sheet's HTML."""
        page = self.open(self.person("olga"), "/organiser/roll")
        self.look(page, "roll empty")
        rows = "".join(f"{code},{name},基层,{city},{name.removesuffix('工会')}\n" for code, name, city in UNITS)
        table = {"name": "名册.csv", "mimeType": "text/csv",
                 "buffer": f"代码,名称,级别,城市,用人单位\n{rows}".encode()}  # fmt: skip
        page.locator("input[type=file]").set_input_files(table)  # type: ignore[arg-type]
        self.press(page, "查看变化")
        self.see(page, "新增 6")
        self.look(page, "roll difference")
        self.press(page, "确认并导入")
        self.see(page, "✓ 名册已导入。")
        self.look(page, "roll imported")
        self.open(page, "/organiser/roll/invitations")
        self.press(page, "给所有还没人能登录的单位发邀请函")
        self.see(page, "✓ 新发 6 份邀请函。")
        self.look(page, "invitations")
        page.get_by_role("link", name="打印邀请函").click()
        expect(page.locator(".cut-out")).to_have_count(6, timeout=WAIT_MS)
        self.look(page, "invitations to print")
        return page.content()

    def join(self, unit: str, sheet: str) -> None:
        """A cadre opens the account of a unit by its printed invitation."""
        found = re.search(rf"/unit/join/{unit}/[A-Z0-9]{{16}}", sheet)
        assert found is not None
        page = self.open(self.person(unit, size=PHONE), found[0])
        self.look(page, "unit joins")
        page.get_by_label("您的姓名").fill(f"干事{unit[-1]}")
        page.get_by_label("密码", exact=True).fill(PASSWORD)
        page.get_by_label("再输一次密码").fill(PASSWORD)
        self.press(page, "开通并登录")
        page.wait_for_url("**/unit")
        self.look(page, "unit home")

    def write(self, unit: str, pictures: Iterable[int]) -> None:
        """A cadre writes the entry, with pictures, and looks at the preview."""
        title, text = ENTRIES[unit]
        page = self.open(self.person(unit), "/unit/entries/new")
        self.look(page, "unit empty form")
        for name, value in (("title", title), ("profile", f"{dict((u[0], u[1]) for u in UNITS)[unit]}，会员三百余人。"),
                            ("text", f"{text}\n我们把图纸和做法都写在下面，欢迎来看。")):  # fmt: skip
            page.locator(f"[name={name}]").fill(value)
        page.locator("#themes input").first.check()
        chosen = [picture(k) for k in pictures]
        page.locator("#pick-picture").set_input_files(chosen)  # type: ignore[arg-type]
        expect(page.locator("[data-kind=picture] li[data-state=stored]")).to_have_count(len(chosen), timeout=WAIT_MS)
        expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=WAIT_MS)
        for k, each in enumerate(page.locator("[data-kind=picture] [data-name]").all(), start=1):
            page.get_by_label(f"{each.inner_text()} 的说明").fill(f"现场照片之{k}")
        expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=WAIT_MS)
        self.look(page, "unit form")
        self.open(page, "/unit/entries/new/preview")
        self.look(page, "unit preview")

    def hand_in(self, unit: str) -> None:
        """A cadre hands the entry in, and gets a receipt."""
        page = self.open(self.person(unit), "/unit/entries/new/hand-in")
        self.look(page, "unit hands in")
        for box in page.locator(".declare input").all():
            box.check()
        page.locator("main form button").click()
        page.wait_for_url("**/receipts/*")
        self.look(page, "unit receipt")
        self.open(page, "/unit")
        self.look(page, "unit home after the hand-in")

    # Review

    def moderate(self) -> None:
        """A moderator claims entries by opening them, returns one, rejects one, and approves the others."""
        self.town.move_to(at("2027-03-10 09:00"))
        page = self.open(self.person("mei"), "/desk")
        self.look(page, "moderator's desk")
        self.open(page, "/desk/moderation")
        self.look(page, "queue")
        for title, _ in ENTRIES.values():
            self.open(page, "/desk/moderation")
            page.get_by_role("link", name=re.compile(title)).click()
            expect(page.locator("#case-title")).to_have_text(title, timeout=WAIT_MS)
            self.see(page, "由我审核")
            self.look(page, "entry under review")
            if title == ENTRIES["QL02"][0]:
                page.get_by_text("对“正文”写退回意见").click()
                page.get_by_label("退回意见：正文").fill("请写明病区和使用的时间。")
                page.get_by_label(re.compile("修改期限")).fill("2027-03-14T18:00")
                self.press(page, "退回修改")
                self.look(page, "entry returned")
            elif title == ENTRIES["QL05"][0]:
                page.get_by_label("不通过的理由（单位会看到）").fill("与去年获奖的成果相同。")
                self.press(page, "不通过")
                self.look(page, "entry rejected")
            else:
                self.press(page, "通过")
            expect(page.get_by_role("status").filter(has_text=title).first).to_be_visible(timeout=WAIT_MS)
        self.open(page, "/desk/moderation/pace")
        self.look(page, "pace")

    def mend(self, unit: str) -> None:
        """A cadre reads why the entry was returned, mends it, hands it in again and compares the versions."""
        self.town.move_to(at("2027-03-12 20:00"))
        page = self.open(self.person(unit), "/unit")
        self.see(page, "请写明病区和使用的时间。")
        self.look(page, "unit home with a returned entry")
        page.locator(".main-action a").click()
        self.see(page, "请写明病区和使用的时间。")
        self.look(page, "unit form of a returned entry")
        page.locator("[name=text]").fill("护士长用三个月做出一个到量就亮灯的输液架，2026 年 4 月起在心内科病区使用。")
        expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=WAIT_MS)
        page.get_by_role("button", name="检查并提交").click()
        expect(page.locator(".declare input")).to_have_count(5, timeout=WAIT_MS)
        for box in page.locator(".declare input").all():
            box.check()
        page.locator("main form button").click()
        page.wait_for_url("**/receipts/*")
        self.look(page, "unit receipt of the second version")
        self.open(page, "/unit")
        page.get_by_role("link", name="比较各版本").click()
        expect(page.locator("ins").first).to_be_visible(timeout=WAIT_MS)
        self.look(page, "unit versions")

    def approve_mended(self, unit: str) -> None:
        """The moderator sees what changed since the return, and approves it."""
        title = ENTRIES[unit][0]
        page = self.open(self.person("mei"), "/desk/moderation")
        page.get_by_role("link", name=re.compile(title)).click()
        self.see(page, "由我审核")
        self.look(page, "mended entry under review")
        self.press(page, "通过")
        expect(page.get_by_role("status").filter(has_text=title).first).to_be_visible(timeout=WAIT_MS)
        self.look(page, "queue empty")

    def appeal(self, unit: str) -> None:
        """A cadre whose entry was rejected appeals, and a moderator answers."""
        page = self.open(self.person(unit), "/unit")
        self.look(page, "unit home with a rejected entry")
        page.get_by_role("link", name="有异议？向主办方反映").click()
        self.look(page, "complaint form")
        page.get_by_label("内容（2000 字以内）").fill("今年的阀门听筒是新做的，与去年不同，请复核。")
        page.locator("main form[method=post] button").click()
        self.see(page, "请记下受理编号")
        self.look(page, "complaint filed")
        address = str(page.get_by_role("link", name="本页地址（可收藏）").get_attribute("href"))
        desk = self.open(self.person("mei"), "/desk/moderation/complaints")
        self.look(desk, "complaints")
        desk.get_by_label("答复（凭编号可查看）").first.fill("已复核：结构与去年相同，维持原决定。")
        self.press(desk, "答复", "已答复")
        self.look(desk, "complaint answered at the desk")
        self.open(page, address)
        self.see(page, "维持原决定")
        self.look(page, "complaint answered")

    def shortlist(self) -> None:
        """An organiser confirms the shortlist that the rules propose."""
        page = self.open(self.person("olga"), "/organiser/shortlist")
        self.look(page, "shortlist before the end of submission")
        self.town.move_to(at("2027-03-17 10:00"))
        self.open(page, "/organiser/shortlist")
        self.look(page, "shortlist proposed")
        page.get_by_role("button", name=re.compile("确认这份名单")).click()
        self.see(page, "确认入围名单")
        self.look(page, "shortlist asked again")
        self.press(page, "确认入围名单", "入围名单已确认")
        self.look(page, "shortlist confirmed")

    def write_letters(self) -> None:
        """A unit says where letters go; an organiser writes one, reads the outbox, and sends what was read."""
        unit = self.open(self.person("QL01"), "/unit/contact")
        self.look(unit, "unit contact")
        unit.get_by_label("电子邮箱").fill("gang@example.cn")
        self.press(unit, "保存", "已保存")
        self.look(unit, "unit contact saved")
        page = self.open(self.person("olga"), "/organiser/messages")
        self.look(page, "outbox")
        self.open(page, "/organiser/messages/new")
        self.look(page, "new letter")
        page.get_by_label(re.compile("入围")).first.check()
        page.get_by_label("标题").fill("点赞周开始了")
        page.get_by_label("正文").fill("请把成果海报贴在厂区公告栏。点赞到 3 月 28 日 24:00。")
        self.press(page, "放进发件箱", "已拟好")
        self.look(page, "letters drafted")
        for box in page.locator("input[type=checkbox]").all():
            box.check()
        self.press(page, "批准发送…", "其中 1 ")
        self.look(page, "letters to confirm")
        page.get_by_role("button", name=re.compile("发送这")).click()
        self.see(page, "已批准")
        self.look(page, "letters approved")
        assert self.town.send_letters()
        self.open(page, "/organiser/messages?state=sent")
        self.look(page, "letters sent")
        self.open(unit, "/unit")
        self.see(unit, "点赞周开始了")
        self.look(unit, "unit home with a letter")

    # Like week

    def like(self, voter: str, numbers: Iterable[str]) -> None:
        """A voter opens entries inside WeChat and likes each with one tap; the first tap signs in."""
        page = self.open(self.person(voter, size=PHONE, agent=WECHAT), "/")
        self.look(page, "home in like week")
        for number in numbers:
            self.open(page, f"/entries/{number}")
            self.look(page, "entry in like week")
            page.locator(".to-like").locator("a, button").first.click()
            who = page.locator("input[name=as]")
            expect(page.locator(".state").or_(who).first).to_be_visible(timeout=WAIT_MS)
            if who.is_visible():  # WeChat's own page, which asks whose phone this is
                who.fill(voter)
                page.get_by_role("button", name="允许 / Allow").click()
            expect(page.locator(".state")).to_have_text("✓ 已赞", timeout=WAIT_MS)
            self.look(page, "entry liked")

    def look_around_in_like_week(self) -> None:
        """A voter finds the likes of all days, a receipt, the limit, the ballot, and takes a like back."""
        page = self.open(self.person("an"), "/likes")
        self.look(page, "my likes")
        page.get_by_role("link", name="回执").first.click()
        expect(page.get_by_role("heading", name="回执")).to_be_visible(timeout=WAIT_MS)
        self.look(page, "like receipt")
        self.open(page, "/likes")
        page.get_by_role("button", name="收回点赞").first.click()
        expect(page.locator("h1")).to_have_text("○ 点赞已收回", timeout=WAIT_MS)
        self.look(page, "like taken back")
        for path, name in (
            ("/search?q=梯", "search"), ("/boards", "boards in like week"), ("/rules", "rules"),
            ("/privacy", "privacy"), ("/ballots", "ballot"), ("/screen", "big screen"),
        ):  # fmt: skip
            self.open(page, path)
            self.look(page, name)

    def look_from_outside_wechat(self) -> None:
        """Somebody whose browser is not WeChat's is told how to come in."""
        page = self.open(self.person("chen", size=PHONE, agent=SAFARI), "/entries/A001")
        self.look(page, "entry outside WeChat")
        page.locator(".to-like").locator("a, button").first.click()
        page.wait_for_load_state()
        self.look(page, "how to like outside WeChat")

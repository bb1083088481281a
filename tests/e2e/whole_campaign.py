"""One campaign of the tests' own, by browser alone: from the operator's set-up link to certificates and the recount.

Everything that a person does here is done by clicking and typing in a page; the town only lets time pass. Run it with

    python -m tests.e2e.whole_campaign FOLDER

to find numbered pictures of every page and state in that folder.
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
WAIT_MS = 180_000  # for what a page does after a click; a slow machine needs it
PROOF = "请再次确认是您本人"
PASSWORD = "seven quiet ferries"
TITLE = "青澜市职工微创新展示"
#: Words that no page shows to anybody: values that were not filled in, and internal names.
SLIPS = re.compile(r"\bNone\b|\bnull\b|\bundefined\b|\bNaN\b|\{\w*\}|\bQL0\d-\d\b|vote\.\d")
#: Pages that show such words on purpose: what a letter may name, and positions in the logs.
MEANT = {"set-up 8 通知文字": re.compile(r"\{\w*\}"), "analysis table": re.compile(r"vote\.\d"),
         "analysis compare": re.compile(r"vote\.\d"), "analysis export": re.compile(r"vote\.\d")}  # fmt: skip
#: What a browser's console may say: of a page that asks for the password again, and of a picture that comes later.
EXPECTED = re.compile("status of (401|503)")
JUDGES = (("jin", "金评委", "省职工技术协会"), ("ju", "居评委", "青澜大学"), ("jia", "贾评委", "省报社"))
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
TITLES = tuple(title for title, _ in ENTRIES.values())


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
        shown = page.locator("body").inner_text()
        if name in MEANT:
            shown = MEANT[name].sub("", shown)
        found += [f"shows {each!r}" for each in SLIPS.findall(shown)]
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
        page.on("pageerror", lambda error: self._note(page, name, str(error)))
        page.on("console", lambda said: self._note(page, name, said.text) if said.type == "error" else None)
        return page

    def _note(self, page: Page, name: str, words: str) -> None:
        is_ours = page.url.startswith(self.town.url)  # pages of WeChat's simulator are not
        if is_ours and not EXPECTED.search(words):
            self.errors.append(f"{name} {page.url}: {words}")

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
            ("8 通知文字", {}),
        )  # fmt: skip
        for heading, fields in answers:
            expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=WAIT_MS)
            for label, value in fields.items():
                page.get_by_label(label, exact=True).fill(value)
            self.look(page, f"set-up {heading}")
            self.press(page, "保存并继续")
        expect(page.get_by_role("heading", name="9 检查")).to_be_visible(timeout=WAIT_MS)
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
        for unit, (title, _) in ENTRIES.items():
            self.open(page, "/desk/moderation")
            page.get_by_role("link", name=re.compile(title)).click()
            expect(page.locator("#case-title")).to_have_text(title, timeout=WAIT_MS)
            self.see(page, "由我审核")
            self.look(page, "entry under review")
            if unit == "QL02":
                page.get_by_text("对“正文”写退回意见").click()
                page.get_by_label("退回意见：正文").fill("请写明病区和使用的时间。")
                page.get_by_label(re.compile("修改期限")).fill("2027-03-14T18:00")
                self.press(page, "退回修改")
            elif unit == "QL05":
                page.get_by_label("不通过的理由（单位会看到）").fill("与去年获奖的成果相同。")
                self.press(page, "不通过")
            else:
                self.press(page, "通过")
            expect(page.get_by_role("status").filter(has_text=title).first).to_be_visible(timeout=WAIT_MS)
            self.look(page, {"QL02": "entry returned", "QL05": "entry rejected"}.get(unit, "entry approved"))
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
        expect(page.get_by_role("heading", name="投诉与建议")).to_be_visible(timeout=WAIT_MS)
        self.look(page, "complaint form")
        page.get_by_label("内容（2000 字以内）").fill("今年的阀门听筒是新做的，与去年不同，请复核。")
        page.locator("main form[method=post] button").click()
        self.see(page, "请记下受理编号")
        self.look(page, "complaint filed")
        address = str(page.get_by_role("link", name="本页地址（可收藏）").get_attribute("href"))
        desk = self.open(self.person("mei"), "/desk/moderation/complaints")
        self.look(desk, "complaints")
        desk.get_by_label("答复（凭编号可查看）").first.fill("已复核：结构与去年相同，维持原决定。")
        self.press(desk, "答复", "✓ 已答复")
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
        self.confirm(page, "入围名单已确认")
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
        self.see(page, "正在陆续发送")
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
            ("/privacy", "privacy"), ("/screen", "big screen"), ("/schedule", "schedule"),
        ):  # fmt: skip
            self.open(page, path)
            self.look(page, name)

    def like_together(self, voter: str) -> None:
        """A voter who is signed in chooses several entries and likes them with one press."""
        page = self.open(self.person(voter), "/")
        for number in ("A002", "A004"):
            page.locator(f"input[name='pick.{number}']").check()
        page.get_by_role("button", name="为选中的成果点赞").click()
        for number in ("A002", "A004"):
            expect(page.locator(".card", has_text=number)).to_contain_text("✓ 已赞", timeout=WAIT_MS)
        self.look(page, "ballot")

    def look_from_outside_wechat(self) -> None:
        """Somebody whose browser is not WeChat's is told how to come in."""
        page = self.open(self.person("chen", size=PHONE, agent=SAFARI), "/")
        self.look(page, "home outside WeChat")
        self.open(page, "/entries/A001")
        self.see(page, "点赞要在微信里进行")
        self.look(page, "entry outside WeChat")

    # Judging

    def assign(self) -> None:
        """Likes have ended: an organiser writes down who judges, and confirms the assignment."""
        self.town.move_to(at("2027-03-29 09:00"))
        voter = self.open(self.person("an"), "/")
        self.look(voter, "home while judging")
        self.open(voter, "/entries/A001")
        self.look(voter, "entry while judging")
        page = self.open(self.person("olga"), "/organiser")
        self.look(page, "organiser checklist while judging")
        for judge, name, employer in JUDGES:
            self.open(page, "/organiser/judging/judges")
            self.look(page, "judges")
            page.get_by_label("账号", exact=True).fill(judge)
            page.get_by_label("姓名", exact=True).fill(name)
            page.get_by_label("工作单位").fill(employer)
            page.get_by_label("城市").fill("外地")
            self.press(page, "保存", "评委资料已保存")
        self.look(page, "judges written down")
        self.open(page, "/organiser/judging/assignment")
        self.look(page, "assignment proposed")
        page.get_by_role("button", name=re.compile("确认这份分配")).click()
        self.see(page, "已按方案分配")
        self.look(page, "assignment done")
        self.open(page, "/organiser/judging")
        self.look(page, "judging progress")

    def confirm(self, page: Page, says: str) -> None:
        """Answer the page that asks once more, and wait until the page says this."""
        again = page.locator("button[name=sure][value=yes]")
        expect(again).to_be_visible(timeout=WAIT_MS)
        self.look(page, f"asked once more {page.locator('h1').inner_text()}")
        self.press(page, again.inner_text(), says)

    def judge(self, judge: str, shift: int) -> None:
        """A judge declares independence, tries the practice entry, marks every entry, and hands the sheet in."""
        page = self.open(self.person(judge), "/judge")
        self.look(page, "declaration of independence")
        page.get_by_label("我已阅读并作出以上声明").check()
        self.press(page, "签署并开始")
        expect(page.get_by_role("heading", name="评审清单")).to_be_visible(timeout=WAIT_MS)
        self.look(page, "judge's list")
        self.open(page, "/judge/practice")
        self.look(page, "practice entry")
        self.open(page, "/judge")
        page.get_by_role("link", name="开始：第 1 项").click()
        content = page.locator("[name='mark.content']")
        the_list = page.get_by_role("heading", name="评审清单")
        while True:
            expect(content.or_(the_list).first).to_be_visible(timeout=WAIT_MS)
            if the_list.is_visible():
                break
            self.look(page, "judge marks an entry")
            place, shown = page.url, page.locator("main").inner_text()
            worth = 70 + 5 * next(k for k, title in enumerate(TITLES) if title in shown)
            for name, points in (("content", worth + shift), ("form", worth - shift), ("quality", worth + 2 * shift)):
                page.locator(f"[name='mark.{name}']").fill(str(points))
            expect(page.locator("[data-saved]")).to_have_text("✓ 已保存", timeout=WAIT_MS)
            page.get_by_role("button", name=re.compile("^评定")).click()
            page.wait_for_url(lambda url, place=place: url.partition("?")[0] != place.partition("?")[0])
        self.look(page, "judge's list when everything is marked")
        self.open(page, "/judge/sheet")
        self.look(page, "judge's own sheet")
        page.locator("[name=sure]").check()
        page.locator("form[data-hand-in] button").click()
        self.see(page, "✓ 已于")
        self.look(page, "judge's sheet handed in")

    # Result

    def publish(self) -> None:
        """The result is rehearsed, proposed, signed by two who prove who they are, and published."""
        self.town.move_to(at("2027-04-05 09:00"))
        olga = self.open(self.person("olga"), "/organiser/result")
        self.look(olga, "result rehearsed")
        olga.get_by_role("button", name=re.compile("^提出结果")).click()
        sign = olga.get_by_role("button", name="签署这份结果", exact=True)
        expect(sign).to_be_visible(timeout=WAIT_MS)
        self.look(olga, "result proposed")
        self.sign(olga)
        self.see(olga, "等另一位组织者签署")
        self.look(olga, "result signed once")
        otto = self.open(self.person("otto"), "/organiser/result")
        self.sign(otto)
        self.look(otto, "result signed twice")
        otto.get_by_label("公布时间").fill("2027-04-06T09:00")
        self.press(otto, "定时公布")
        self.confirm(otto, "公布时间已设定")
        self.look(otto, "result to be released")
        self.town.move_to(at("2027-04-06 09:01"))
        self.open(otto, "/organiser/result")
        self.see(otto, "2027-04-06 09:01 公布")
        self.look(otto, "result published")

    def sign(self, page: Page) -> None:
        """Sign the proposal: read it, confirm it, and give the password."""
        self.press(page, "签署这份结果")
        self.confirm(page, "您的签署已记录")

    def object(self) -> None:
        """Somebody reads the notice and objects; an organiser answers, and the notice ends."""
        reader = self.open(self.person("chen"), "/")
        self.look(reader, "home during the notice")
        for path, name in (
            ("/notice", "notice"), ("/boards", "boards after publication"),
            ("/entries/A001", "entry after publication"), ("/entries/A001/why", "why this place"),
        ):  # fmt: skip
            self.open(reader, path)
            self.look(reader, name)
        self.open(reader, "/objections")
        self.look(reader, "objection form")
        reader.locator("#about").fill("A003")
        reader.locator("#words").fill("折叠梯的照片不是本单位拍的。")
        self.press(reader, "提交")
        self.see(reader, "请记下受理编号")
        self.look(reader, "objection filed")
        address = str(reader.get_by_role("link", name="本页地址（可收藏）").get_attribute("href"))
        page = self.open(self.person("olga"), "/organiser/final")
        self.look(page, "final gate with open items")
        self.open(page, "/organiser/notice")
        self.look(page, "objection to answer")
        page.locator("article textarea").fill("已核实：照片由该单位通讯员拍摄，异议不成立。")
        page.get_by_label("异议不成立").first.check()
        self.press(page, "答复", "答复已记录")
        self.look(page, "objection answered at the desk")
        self.open(reader, address)
        self.see(reader, "异议不成立")
        self.look(reader, "objection answered")
        self.town.move_to(at("2027-04-16 09:00"))

    def finalise(self) -> None:
        """The organiser drops the letters that have no address, and makes the result final."""
        page = self.open(self.person("olga"), "/organiser/messages?state=unaddressed")
        self.look(page, "letters without an address")
        for box in page.locator("input[type=checkbox]").all():
            box.check()
        self.press(page, "不发…")
        expect(page.locator(".touched li")).to_have_count(3, timeout=WAIT_MS)
        self.look(page, "letters to drop")
        page.locator("button[name=do][value=drop]").click()
        expect(page.locator(".letters li")).to_have_count(0, timeout=WAIT_MS)
        expect(page.locator(".touched li")).to_have_count(0, timeout=WAIT_MS)
        self.look(page, "letters dropped")
        self.open(page, "/organiser/final")
        self.see(page, "没有未结事项")
        self.look(page, "final gate with nothing open")
        self.press(page, "最终确定结果")
        self.confirm(page, "结果已最终确定")
        self.look(page, "result final")

    def award(self) -> None:
        """Certificates are issued and checked, the exhibition is opened and searched."""
        page = self.open(self.person("olga"), "/organiser/certificates")
        self.look(page, "certificates to issue")
        page.get_by_role("button", name=re.compile("^颁发证书")).click()
        self.confirm(page, "证书已颁发")
        self.look(page, "certificates issued")
        number = page.locator("tbody tr a").first.inner_text()
        reader = self.open(self.person("chen"), "/certificates")
        self.look(reader, "certificate check")
        reader.locator("#number").fill(number)
        self.press(reader, "查询")
        self.see(reader, "有效")
        self.look(reader, "certificate valid")
        self.open(page, "/organiser/exhibition")
        self.look(page, "exhibition to open")
        self.press(page, "开放展播")
        self.confirm(page, "展播已开放")
        self.look(page, "exhibition open")
        self.town.move_to(at("2027-04-19 09:00"))
        self.open(reader, "/")
        self.look(reader, "home during the exhibition")
        self.open(reader, "/exhibition")
        self.look(reader, "exhibition")
        reader.locator("#by-q").fill("折叠梯")
        reader.locator("form.find button").first.click()
        self.see(reader, "共 1 ")
        self.look(reader, "exhibition searched")
        for name, words in (("QL01", "没有入选"), ("QL02", "入选，本类第 1 名")):
            unit = self.open(self.person(name), "/unit")
            self.see(unit, words)
            self.look(unit, f"home of {name} at the end")

    def analyse(self) -> None:
        """The analyst reads the tables, exports them, and recounts: the digest is the published one."""
        page = self.open(self.person("ada"), "/notice")
        digest = page.locator("dd code").first.inner_text()
        self.open(page, "/analysis")
        self.look(page, "analysis table")
        for part in ("compare", "scenarios", "methods", "stability", "export"):
            self.open(page, f"/analysis/{part}")
            self.look(page, f"analysis {part}")
        with page.expect_download() as table:
            page.locator("a[href='/analysis/export/table.csv']").click()
        lines = Path(table.value.path()).read_text().splitlines()
        assert sum(f"A00{k}" in line for line in lines for k in range(1, 5)) == 4, lines
        self.open(page, "/analysis/recount")
        self.look(page, "analysis recount")
        page.locator("button[value=recount]").click()
        self.see(page, digest)
        self.look(page, "recount with the published digest")
        ops = self.open(self.person("oda"), "/ops")
        self.look(ops, "operations")

    def whole(self) -> None:
        """Walk through the whole campaign."""
        self.set_up()
        self.check_and_lock()
        self.appoint()
        sheet = self.import_roll()
        for k, unit in enumerate(ENTRIES):
            self.join(unit, sheet)
            self.write(unit, range(2 * k, 2 * k + 2))
            self.hand_in(unit)
        self.moderate()
        self.mend("QL02")
        self.approve_mended("QL02")
        self.appeal("QL05")
        self.shortlist()
        self.write_letters()
        self.town.move_to(at("2027-03-22 08:00"))
        self.like("an", ("A001", "A002", "A003"))
        self.look_around_in_like_week()
        self.like("bo", ("A001",))
        self.like_together("bo")
        self.look_from_outside_wechat()
        self.assign()
        for shift, (judge, _, _) in enumerate(JUDGES):
            self.judge(judge, shift)
        self.publish()
        self.object()
        self.finalise()
        self.award()
        self.analyse()

    def close(self) -> None:
        """Close the browsers of all persons."""
        for each in self._contexts.values():
            each.close()


def main(folder: Path) -> int:
    """Walk through the campaign and leave its pictures in a folder; return 1 if a page has a fault."""
    with (
        tempfile.TemporaryDirectory() as data,
        running_browser() as browser,
        CampaignTown(Path(data)).running() as town,
    ):
        walk = Walk(town, browser, folder)
        walk.whole()
        walk.close()
    for each in (*walk.camera.faults, *walk.errors):
        print(each)
    print(f"{walk.camera.count} pictures in {folder}")
    return int(bool(walk.camera.faults or walk.errors))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

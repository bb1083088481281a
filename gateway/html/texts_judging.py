"""Texts of the pages of judges, and of organisers about judging, by key: Chinese, then English."""

WORDS = {
    "menu.judge": ("我的评审", "My judging"),
    # declaration and practice
    "judge.title": ("我的评审", "My judging"),
    "judge.independence": ("独立评审声明", "Declaration of independence"),
    "judge.independence.lead": (
        "阅读第一项成果之前，请先签署。签署的时间和文本会记录在案。",
        "Please sign this before you read the first entry. The time and the wording are put on record.",
    ),
    "judge.independence.agree": ("我已阅读并作出以上声明", "I have read this, and I declare it"),
    "judge.independence.do": ("签署并开始", "Sign and begin"),
    "judge.independence.missing": ("请先勾选", "Please tick this first"),
    "judge.independence.done": ("已于 {at} 签署独立评审声明。", "You signed the declaration of independence on {at}."),
    "judge.practice": ("练习成果", "Practice entry"),
    "judge.practice.lead": (
        "这是一项虚构的成果，供您熟悉评分表。分数只算给您看，不保存，也不计入任何结果。",
        "This entry is invented, for you to get to know the sheet. Its marks are worked out for you alone: they are "
        "stored nowhere and count for nothing.",
    ),
    "judge.practice.link": ("先做一次练习（不计分）", "Try a practice entry first (it does not count)"),
    "judge.practice.do": ("看看总分", "Work out the total"),
    "judge.practice.result": (
        "总分 {total}。正式评分时，这样的分数会被接受。",
        "Total {total}. As a real mark it would be accepted.",
    ),
    "judge.practice.back": ("开始正式评审", "Go on to the real entries"),
    "judge.practice.entry": ("夜班工友的热饭", "A hot meal on the night shift"),
    "judge.practice.unit": ("（虚构）青河纺织厂工会", "(invented) Union of the Qinghe Mill"),
    "judge.practice.text-1": (
        "夜班食堂原来十一点关门。工会连续三个月记下每晚留厂的人数，平均 143 人，八成自带冷饭。",
        "The canteen used to close at eleven. For three months the union counted who stayed each night: 143 people on "
        "average, four in five with a cold meal from home.",
    ),
    "judge.practice.text-2": (
        "工会与行政签了协议：食堂开到凌晨两点，一份 8 元，企业补 3 元。一年供餐 3.1 万份，夜班离职率由 11% 降到 6%。",
        "The union and the management signed an agreement: the canteen stays open until two, and a meal costs 8 yuan, "
        "3 of them paid by the firm. In a year it served 31,000 meals, and fewer people left the night shift: 6 % "
        "instead of 11 %.",
    ),
    "judge.practice.text-3": (
        "做法写成两页纸，附协议样本，开发区另有四家企业照着做了。",
        "The way of doing it fits on two pages with a sample of the agreement. Four more firms in the district have "
        "copied it.",
    ),
    # list
    "judge.progress": ("已评 {done} / {total} 项", "{done} of {total} marked"),
    "judge.left": ("还剩 {count} 项", "{count} left"),
    "judge.minutes": ("按您自己的速度，约需 {count} 分钟", "about {count} min at your own pace"),
    "judge.minutes.unknown": (
        "评过几项后，这里会估算所需时间",
        "Once you have marked a few, this says how long the rest will take",
    ),
    "judge.window": ("评审时间：{start} 至 {end}", "Judging runs from {start} to {end}"),
    "judge.continue": ("继续：第 {place} 项", "Go on with no. {place}"),
    "judge.begin": ("开始：第 {place} 项", "Begin with no. {place}"),
    "judge.anchors.lead": (
        "前 {count} 项所有专家都评，用来校准尺度，请先评完。",
        "All judges mark the first {count}, to bring their scales together. Please mark these first.",
    ),
    "judge.anchor": ("定标", "Anchor"),
    "judge.entries": ("评审清单", "Entries to judge"),
    "judge.order": (
        "顺序为您单独打乱，各单位类型均匀分布；别的专家是别的顺序。",
        "The order is shuffled for you alone, with the unit types spread evenly. Other judges have other orders.",
    ),
    "judge.filter": ("只看", "Show only"),
    "judge.filter.all": ("全部", "All"),
    "judge.none": ("没有这样的成果。", "There are none of these."),
    "judge.nothing": (
        "还没有分配给您的成果。分配之后会出现在这里。",
        "No entry is assigned to you yet. Once some are, they stand here.",
    ),
    "judge.not-appointed": (
        "主办方还没有登记您的专家资料，请与主办方联系。",
        "The organiser has not entered you as a judge yet. Please get in touch.",
    ),
    "judge.stage.new": ("未打开", "Not opened"),
    "judge.stage.opened": ("已打开", "Opened"),
    "judge.stage.skipped": ("先跳过", "Skipped"),
    "judge.stage.draft": ("草稿", "Draft"),
    "judge.stage.marked": ("已评", "Marked"),
    "judge.stage.recused": ("已回避", "Recused"),
    "judge.stage.excluded": ("分数已排除", "Mark excluded"),
    "judge.stage.conflicted": ("需回避", "Conflict of interest"),
    "judge.stage.out": ("已退出评审", "No longer judged"),
    "judge.stage.waiting": ("待发送", "Waiting to be sent"),
    "judge.to-sheet": ("我的分布与交卷", "My distribution, and handing in"),
    "judge.to-list": ("评审清单", "All entries"),
    # offline
    "judge.offline.ready": (
        "✓ 已存到本机，断网也能看、能评。",
        "✓ Stored on this device: you can read and mark without a network.",
    ),
    "judge.offline.storing": ("正在存到本机：{done} / {total}", "Storing on this device: {done} of {total}"),
    "judge.offline.none": (
        "这台设备的浏览器不能离线保存材料；已打开的页面断网后仍可评分。",
        "This browser cannot store the material for use offline. A page that is open can still be marked without a "
        "network.",
    ),
    "judge.outbox": (
        "还有 {count} 项只存在这台设备上，联网后自动发送。",
        "{count} entries are on this device alone. They are sent once there is a network.",
    ),
    "judge.outbox.conflict": (
        "{count} 项在另一处改过，请打开它选择保留哪一份。",
        "{count} entries were changed elsewhere. Open them and choose which version stays.",
    ),
    "judge.sign-out.waits": (
        "还有没有送达的评分。再按一次退出：材料会从这台设备删除，没有送达的分数留在本机，下次您登录后发送。",
        "Some marks have not been sent. Press once more to sign out: the material is deleted from this device, and the "
        "marks stay until you sign in the next time.",
    ),
    "judge.away": ("这一页没有存到本机", "This page is not stored on this device"),
    "judge.away.lead": (
        "现在没有网络。联网后再打开，或回到评审清单，评已经存下的成果。",
        "There is no network now. Open it later, or go back to the list and mark the entries that are stored.",
    ),
    # one entry
    "judge.place": ("第 {place} / {count} 项", "{place} of {count}"),
    "judge.previous": ("上一项", "Previous"),
    "judge.next": ("下一项", "Next"),
    "judge.material": ("材料", "Material"),
    "judge.sheet": ("评分表", "Sheet"),
    "judge.points": ("{name}（权重 {weight}%）", "{name} (weight {weight} %)"),
    "judge.points.range": ("0–100 的整数", "a whole number, 0 to 100"),
    "judge.words": ("评语", "Words"),
    "judge.words.when": (
        "总分低于 {below} 或高于 {above} 时必填，其余可不填。",
        "Needed if the total is below {below} or above {above}, otherwise optional.",
    ),
    "judge.total.is": ("总分 {total}", "Total {total}"),
    "judge.total.open": ("填完各项后显示总分", "The total appears once all criteria are filled in"),
    "judge.give": ("评定，看下一项", "Give this mark, and go on"),
    "judge.give.last": ("评定", "Give this mark"),
    "judge.give.change": ("改为这个分数，看下一项", "Change the mark, and go on"),
    "judge.save": ("存为草稿", "Save as a draft"),
    "judge.skip": ("先跳过", "Skip for now"),
    "judge.given": ("已评：{total} 分，{at}", "Marked: {total}, {at}"),
    "judge.given.draft": (
        "已评 {total} 分；下面是还没有评定的修改，交卷前仍以 {total} 分为准。",
        "Marked: {total}. What you see below is a change that you have not given yet; until you do, {total} counts.",
    ),
    "judge.stored": ("✓ {number} 已评定：{total} 分", "✓ {number} is marked: {total}"),
    "judge.skipped": ("{number} 已跳过，留在清单里。", "{number} is skipped, and stays on your list."),
    "judge.recused": ("{number} 已回避。", "You are recused from {number}."),
    "judge.saved.draft": ("✓ 草稿已保存。", "✓ The draft is saved."),
    "judge.recuse": ("回避这一项…", "Recuse yourself…"),
    "judge.recuse.lead": (
        "选一个原因即回避：这一项不再由您评，改由别的专家评。原因加密保存。",
        "Choosing a reason recuses you: another judge gets this entry. The reason is stored encrypted.",
    ),
    "judge.recuse.unit": ("曾在该单位任职或有业务往来", "I worked there, or do business with it"),
    "judge.recuse.kin": ("有亲友在该单位", "Family or friends work there"),
    "judge.recuse.helped": ("参与过这项成果", "I took part in this entry"),
    "judge.recuse.other": ("其它原因", "Another reason"),
    "judge.recuse.do": ("按此原因回避", "Recuse for this reason"),
    "judge.closed": ("现在不能评分：{why}", "This cannot be marked now: {why}"),
    "judge.speed": ("播放速度", "Speed"),
    "judge.h5.snapshot": ("报送时的页面截图", "The page as it was handed in"),
    "judge.film": ("视频 {n}", "Film {n}"),
    "judge.sound": ("音频 {n}", "Sound {n}"),
    "judge.picture": ("图片 {n}", "Picture {n}"),
    "judge.conflict": (
        "另一处（另一个窗口或设备）改过这项评分。没有覆盖任何一份，请选择：",
        "This was changed elsewhere, in another window or on another device. Nothing was overwritten. Choose:",
    ),
    "judge.conflict.mine": ("用这里的：{value}", "Use what is here: {value}"),
    "judge.conflict.theirs": ("用另一处的：{value}", "Use the other: {value}"),
    "judge.conflict.plain": (
        "另一处存的是：{value}。再按一次“评定”或“存为草稿”，就以您这里的为准。",
        "Stored elsewhere: {value}. Press once more, and yours replaces it.",
    ),
    "judge.empty": ("（空）", "(empty)"),
    "judge.is-saved": ("✓ 已保存", "✓ Saved"),
    "judge.is-waiting": ("还没有保存…", "Not saved yet…"),
    "judge.is-sending": ("正在保存…", "Saving…"),
    "judge.is-offline": (
        "没有网络：已存在这台设备上，联网后自动发送",
        "No network: it is on this device, and is sent as soon as there is one",
    ),
    "judge.is-unsafe": (
        "没有网络，这台设备也存不下：请不要关闭此页",
        "No network, and this device cannot store it: please keep this page open",
    ),
    "judge.is-expired": (
        "登录已失效：已存在这台设备上，请重新登录",
        "You are signed out: it is on this device. Please sign in again",
    ),
    "judge.is-conflict": ("另一处改过，请在下面选择", "Changed elsewhere: please choose below"),
    "judge.is-refused": ("没有保存：{why}", "Not saved: {why}"),
    "judge.is-giving": (
        "评定已存在这台设备上，联网后自动发送",
        "Your mark is on this device, and is sent as soon as there is a network",
    ),
    "judge.needs-points": ("请填完每一项（0–100 的整数）", "Fill in every criterion with a whole number from 0 to 100"),
    "judge.needs-words": ("这样的总分须写评语", "A total like this needs words"),
    # own sheet
    "judge.own": ("我的分布与交卷", "My distribution, and handing in"),
    "judge.own.histogram": ("我的总分分布", "How my totals are spread"),
    "judge.own.bin": ("{low}–{high} 分", "{low} to {high}"),
    "judge.own.strict": ("尺度对照", "My scale"),
    "judge.own.strict.is": (
        "在定标成果上，您比专家组平均 {difference} 分。只有您看得到。",
        "On the anchor entries you differ from the panel by {difference} points on average. Only you see this.",
    ),
    "judge.own.strict.open": (
        "您和另外至少两位专家评完定标成果后，这里显示您的尺度与平均的差。",
        "Once you and at least two more judges have marked the anchors, this says how far you are from the panel.",
    ),
    "judge.own.close": ("值得再看的相近成果", "Close pairs that deserve a second look"),
    "judge.own.close.lead": (
        "同一单位类型中名次相邻、总分相差不超过 0.5 分的成果，最接近的在前，最多 10 对。分开它们，或确认就是不分上下。",
        "Neighbours among your marks of one unit type that differ by at most half a point, the closest first, ten at "
        "most. Part them, or make sure that they are level.",
    ),
    "judge.own.close.more": ("另有 {count} 对略远。", "{count} more pairs are a little further apart."),
    "judge.own.close.none": ("没有需要再看的。", "There are none."),
    "judge.own.apart": ("相差 {difference} 分", "{difference} apart"),
    "judge.own.hand-in": ("交卷", "Hand in the sheet"),
    "judge.own.unmarked": ("还有 {count} 项没有评：", "{count} entries are not marked:"),
    "judge.own.drafts": (
        "{count} 项有没有评定的草稿；交卷时以已评定的分数为准：",
        "{count} entries have a draft that you have not given. The mark that you gave counts:",
    ),
    "judge.own.final": (
        "交卷只有一次。交卷后，您的分数不能再改。",
        "You hand in once. After that none of your marks can be changed.",
    ),
    "judge.own.sure": ("我已核对，确认交卷", "I have checked it, and hand it in"),
    "judge.own.sure.missing": ("请先勾选确认", "Please tick this first"),
    "judge.own.done": ("✓ 已于 {at} 交卷，共 {count} 项。谢谢！", "✓ You handed in {count} marks on {at}. Thank you!"),
}

"""Texts of the accounts of staff: proofs, authenticators, sessions. Chinese, then English, by key."""

WORDS = {
    "step-up": ("请再次确认是您本人", "Confirm that it is you"),
    "step-up.why": (
        "签署、取消资格、作废、公布等重要操作，提交前要再确认一次身份。确认后五分钟内不再询问。",
        "Signing, disqualifying, voiding, releasing and the like ask again who you are. After that you are not asked "
        "for five minutes.",
    ),
    "step-up.waiting": (
        "您刚才填写的内容已保留，确认后立即提交。",
        "What you filled in is kept, and is sent as soon as you confirm.",
    ),
    "step-up.password": ("密码", "Password"),
    "step-up.password.hint": ("账号 {name} 的登录密码。", "The password by which {name} signs in."),
    "step-up.code": ("验证码", "Code"),
    "step-up.code.hint": (
        "打开手机上的验证器应用，输入显示的六位数字；手机不在身边时，可输入一个恢复码。",
        "The six digits that your authenticator app shows. Without your phone, enter a recovery code.",
    ),
    "step-up.go": ("确认并提交", "Confirm and send"),
    "menu.security": ("账号与安全", "Account and security"),
    "security.did-password": (
        "密码已修改，其它设备上的登录都已退出。",
        "Your password was changed, and your other sessions ended.",
    ),
    "security.did-session": ("已退出那台设备上的登录。", "That session was ended."),
    "security.did-sessions": ("其它设备上的登录都已退出。", "All your other sessions were ended."),
    "security.did-removed": (
        "验证器已停用，登录只需密码。",
        "Your authenticator was removed: you sign in by password alone.",
    ),
    "security.demanded": (
        "本活动要求您的岗位启用两步验证。设置好验证器之前，其它页面暂不能使用。",
        "Your role in this campaign needs an authenticator. Set one up to use the other pages.",
    ),
    "security.authenticator": ("两步验证", "Two-step sign-in"),
    "security.off": (
        "还没有设置验证器。设置后，登录和重要操作除密码外还要手机上的六位验证码，密码泄露也无人能冒用您的账号。",
        "No authenticator is set up. With one, signing in and important steps need a six-digit code from your phone "
        "beside the password, so nobody can use your account with a stolen password alone.",
    ),
    "security.on": ("验证器已启用。", "Your authenticator is set up."),
    "security.left": ("还剩 {count} 个恢复码。", "{count} recovery codes are left."),
    "security.few": ("请更换验证器，取得新的恢复码。", "Replace the authenticator to get new ones."),
    "security.set-up": ("设置验证器", "Set up an authenticator"),
    "security.again": ("更换验证器", "Replace the authenticator"),
    "security.again.note": (
        "换手机或恢复码快用完时使用。原来的验证器和恢复码随即失效。",
        "For a new phone, or when the recovery codes run out. The old authenticator and its codes stop working.",
    ),
    "security.remove": ("停用验证器", "Remove the authenticator"),
    "security.step-app": (
        "在手机上打开任意一款验证器应用，例如系统自带的“密码”应用，或应用商店里的验证器。",
        "Open any authenticator app on your phone, such as the built-in password app or one from the app store.",
    ),
    "security.step-scan": ("用它扫描下面的二维码。", "Scan this code with it."),
    "security.step-code": (
        "把应用显示的六位数字填在下面，确认后即启用。",
        "Type the six digits that the app shows, and confirm.",
    ),
    "security.open-app": ("在这部手机上打开验证器应用", "Open your authenticator app on this phone"),
    "security.qr": ("验证器的二维码", "QR code for the authenticator"),
    "security.by-hand": ("扫不了码？手动输入", "Cannot scan? Type it in"),
    "security.by-hand.note": (
        "在应用里选择“手动输入”，账号填 {name}，类型选“基于时间”，密钥如下：",
        "Choose “enter a key” in the app, with {name} as the account, time-based, and this key:",
    ),
    "security.code": ("应用显示的六位数字", "Six digits from the app"),
    "security.confirm": ("确认启用", "Confirm"),
    "security.not": ("不设置，返回", "Go back"),
    "security.codes": ("恢复码", "Recovery codes"),
    "security.added": (
        "验证器已启用，其它设备上的登录都已退出。",
        "Your authenticator is set up, and your other sessions ended.",
    ),
    "security.codes.note": (
        "手机不在身边或丢失时，可用下面任一恢复码代替验证码，每个只能用一次。只在这里显示一次：请抄写或打印，"
        "与密码分开保管。恢复码也没有了，请向主办方要新的密码链接。",
        "Without your phone, use one of these instead of a code; each works once. They are shown here only: write them "
        "down or print them, and keep them apart from your password. If you lose them too, ask the organiser for a "
        "new password link.",
    ),
    "security.codes.done": ("已抄好，继续", "I have written them down"),
    "security.password": ("密码", "Password"),
    "sign-in.desk.code": ("验证码（启用了两步验证才填）", "Code (only with two-step sign-in)"),
    "sign-in.desk.code.hint": (
        "手机验证器显示的六位数字，或一个恢复码。",
        "Six digits from your authenticator, or a recovery code.",
    ),
    "step-up.not": ("不提交，返回", "Go back without sending"),
}

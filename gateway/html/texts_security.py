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
    "step-up.not": ("不提交，返回", "Go back without sending"),
}

"""Alerts about WeChat, for failures that keep voters from coming in through it."""

from deploy.prometheus.alert import Alert, Case, growing, steady

_REFUSED = 'baijia_wechat_calls_total{outcome="misconfigured"}'


def _called(call: str, **by_outcome: str) -> dict[str, str]:
    """Return the series of a call's answers, by outcome."""
    return {
        f'baijia_wechat_calls_total{{call="{call}",outcome="{outcome}"}}': samples
        for outcome, samples in by_outcome.items()
    }


ALERTS = (
    Alert(
        name="WechatFails",
        expr=(
            'sum by (call) (rate(baijia_wechat_calls_total{outcome!~"ok|code|blocked|pace|not-a-follower"}[5m])) '
            "/ sum by (call) (rate(baijia_wechat_calls_total[5m])) > 0.1"
        ),
        for_s=300,
        pages=True,
        summary="More than one in ten calls to WeChat fails.",
        fires=Case(_called("oauth2/access_token", ok=growing(10), away=growing(5)), ({"call": "oauth2/access_token"},)),
        quiet=Case(_called("oauth2/access_token", ok=growing(100), away=growing(1))),
    ),
    Alert(
        name="WechatQuota",
        expr='sum by (call) (increase(baijia_wechat_calls_total{outcome="quota"}[10m])) > 0',
        for_s=0,
        pages=True,
        summary="WeChat refuses a call because the day's quota is used up.",
        fires=Case(_called("user/info", quota=growing(1)), ({"call": "user/info"},)),
        quiet=Case(_called("user/info", quota=steady(3)) | _called("jscode2session", pace=growing(1))),
    ),
    Alert(
        name="WechatMisconfigured",
        # Also counts a series that did not exist before, because `increase` does not see its first value.
        expr=f"sum by (call) (increase({_REFUSED}[15m]) > 0 or ({_REFUSED} unless {_REFUSED} offset 15m)) > 0",
        for_s=0,
        pages=True,
        summary="WeChat refuses our settings: an appid, a secret, the caller's address, or a permission.",
        fires=Case(
            _called("oauth2/access_token", ok=growing(100), misconfigured="_x50 1x10"),
            ({"call": "oauth2/access_token"},),
        ),
        quiet=Case(_called("oauth2/access_token", misconfigured=steady(3), away=growing(1))),
    ),
    Alert(
        name="WechatBreakerOpen",
        expr="max by (account, call) (baijia_wechat_breaker_open) > 0",
        for_s=120,
        pages=True,
        summary="A kind of call is not sent to WeChat for now, after failures or a refusal.",
        fires=Case(
            {
                'baijia_wechat_breaker_open{account="wx0123456789abcdef",call="user/info",process="a"}': steady(1),
                'baijia_wechat_breaker_open{account="wx0123456789abcdef",call="user/info",process="b"}': steady(0),
            },
            ({"account": "wx0123456789abcdef", "call": "user/info"},),
        ),
        quiet=Case({'baijia_wechat_breaker_open{account="wx0123456789abcdef",call="user/info"}': "1x56 0x4"}),
    ),
)

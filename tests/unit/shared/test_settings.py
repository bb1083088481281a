"""Settings: what a process reads from its environment."""

from pathlib import Path

from shared.settings import Settings


def test_without_an_environment_wechat_is_the_real_one_and_its_doors_stay_shut():
    settings = Settings.read({})

    assert (settings.wechat_file, settings.wechat_api, settings.wechat_open) == (
        None,
        "https://api.weixin.qq.com",
        "https://open.weixin.qq.com",
    )


def test_another_wechat_may_be_named_with_or_without_a_slash():
    settings = Settings.read(
        {
            "BAIJIA_WECHAT_FILE": "secrets/wechat.toml",
            "BAIJIA_WECHAT_API": "http://127.0.0.1:8400/",
            "BAIJIA_WECHAT_OPEN": "http://127.0.0.1:8400",
        }
    )

    assert (settings.wechat_file, settings.wechat_api, settings.wechat_open) == (
        Path("secrets/wechat.toml"),
        "http://127.0.0.1:8400",
        "http://127.0.0.1:8400",
    )


def test_empty_file_name_is_none():
    assert Settings.read({"BAIJIA_WECHAT_FILE": ""}).wechat_file is None

"""Tests of `baijia campaign check`, as an organiser uses it."""

from pathlib import Path

from click.testing import CliRunner

from deploy.commands.campaign import campaign

HERE = Path(__file__).parent
NOTICE = HERE.parents[3] / "deploy" / "campaigns" / "2021-baijia.toml"


def run(*files: Path) -> tuple[int, list[str]]:
    result = CliRunner().invoke(campaign, ["check", *map(str, files)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output.splitlines()


def test_ten_broken_files_print_ten_errors_and_exit_1():
    files = sorted((HERE / "broken").glob("*.toml"))

    code, lines = run(*files)

    assert code == 1
    assert [
        line.split("/")[-2 if " / " in line else -1].split(": ")[0] + ": " + line.split(": ")[1]
        for line in _errors(lines)
    ] == [
        "admission.toml:42: error[out-of-range]",
        "hidden-until-followed.toml:40: error[inducement]",
        "impossible-date.toml:17: error[impossible-date]",
        "lottery-in-words.toml:9: error[inducement]",
        "overlap.toml:18: error[overlap]",
        "rank-step.toml:44: error[step-reaches-zero]",
        "reward-for-liking.toml:40: error[inducement]",
        "turnout-ranking.toml:40: error[inducement]",
        "unknown-key.toml:39: error[unknown-key]",
        "weights.toml:44: error[weights-sum]",
    ]


def test_each_broken_file_alone_exits_1():
    codes = [run(file)[0] for file in sorted((HERE / "broken").glob("*.toml"))]

    assert codes == [1] * 10


def test_warnings_alone_exit_0_and_the_rule_hash_is_printed():
    code, lines = run(NOTICE)

    assert code == 0
    assert _errors(lines) == []
    assert sum(": warning[gap]: " in line for line in lines) == 1
    assert f"{NOTICE}: 规则哈希 / rule hash " == lines[-1][:-64]


def test_one_broken_file_among_sound_ones_exits_1():
    code, _ = run(HERE / "sound.toml", HERE / "broken" / "overlap.toml", HERE / "sound.toml")

    assert code == 1


def test_file_that_is_not_there_is_an_error_line(tmp_path):
    code, lines = run(tmp_path / "nowhere.toml")

    assert code == 1
    assert ": error[unreadable]: " in lines[0]


def test_file_in_another_encoding_names_the_line(tmp_path):
    file = tmp_path / "gbk.toml"
    file.write_bytes('id = "a"\ntitle_zh = "成果展"\n'.encode("gbk"))

    code, lines = run(file)

    assert code == 1
    assert f"{file}:2: error[encoding]: 文件不是 UTF-8 编码 / the file is not UTF-8" == lines[0]


def _errors(lines: list[str]) -> list[str]:
    return [line for line in lines if ": error[" in line]

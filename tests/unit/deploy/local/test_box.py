"""The control of the box from outside, without starting a box."""

import shutil
import subprocess

import pytest

from deploy.errors import EnginesMissing
from deploy.local import box, paths, state_files


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "box"
    shutil.copytree(box.FOLDER, folder)
    return folder


def test_stamp_is_of_content_alone(copy):
    for path in copy.rglob("*"):
        path.touch()

    assert box.stamp(copy) == box.stamp()


@pytest.mark.parametrize("name", ["build", "wire/main.go", "wire/go.sum"])
def test_stamp_changes_with_what_is_built_in(copy, name):
    with (copy / name).open("a") as file:
        file.write("\n")

    assert box.stamp(copy) != box.stamp()


def test_stamp_changes_when_a_file_is_renamed(copy):
    (copy / "wire/main.go").rename(copy / "wire/other.go")

    assert box.stamp(copy) != box.stamp()


@pytest.mark.parametrize("name", ["start", "inside/postgres"])
def test_stamp_stays_when_a_start_script_changes(copy, name):
    with (copy / name).open("a") as file:
        file.write("\n")

    assert box.stamp(copy) == box.stamp()


@pytest.mark.parametrize("script", ["build", "start", "inside/init", "inside/postgres", "inside/rabbit"])
def test_scripts_parse(script):
    subprocess.run(["bash", "-n", box.FOLDER / script], check=True)


def test_built_root_is_taken_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    root = paths.cache() / f"box-{box.stamp()}"
    root.mkdir(parents=True)

    assert box.build() == root


def test_failed_build_is_a_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "mmdebstrap").write_text("#!/bin/sh\nfor target; do :; done\ntouch $target/half\nexit 1\n")
    (tools / "mmdebstrap").chmod(0o755)
    (tools / "id").write_text("#!/bin/sh\necho 0\n")
    (tools / "id").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    with pytest.raises(EnginesMissing, match="could not be built"):
        box.build()

    assert {path.suffix for path in paths.cache().iterdir()} == {".lock", ".log"}


def test_password_is_made_once_for_the_data_of_a_checkout_and_its_owner_alone(tmp_path):
    for name in ("one", "other"):
        state_files.write_json(tmp_path / name / "engines" / "ports.json", dict.fromkeys(box.PORTS, 1))

    first, again, other = (box.Box(tmp_path / name).engines() for name in ("one", "one", "other"))

    assert first == again
    assert not set(first.amqp_of_processes.values()) & set(other.amqp_of_processes.values())
    assert first.amqp != other.amqp
    assert (tmp_path / "one" / "box" / "password").stat().st_mode & 0o777 == 0o600


def test_who_is_not_root_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(EnginesMissing, match="BAIJIA_MONGO_URI"):
        box.Box(tmp_path).up()

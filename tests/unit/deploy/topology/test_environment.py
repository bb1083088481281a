"""The table of settings lists every setting that the code reads, and the readers of each file."""

import ast

import pytest

from deploy.topology.environment import FILES, SET_BY_DEPLOYMENT, SET_BY_OPERATOR
from deploy.topology.processes import TABLE
from shared.settings import Settings
from tests.files import ROOT, parse_module
from tests.unit.deploy.names import NAMES_READ

FOLDERS = ("shared", "gateway", "services")
#: Parts of the code that use the setting of a file, and the processes to which they belong.
PARTS = {
    "gateway": {"gateway"},
    "services/voting": {"voting"},
    "services/submission/service.py": {"submission"},
    "services/submission/media_worker.py": {"media-worker"},
    "deploy/topology/admission_settings.py": {"gateway"},
    "deploy/messages/worker.py": {"clock"},
}
FIELDS = {
    "BAIJIA_WECHAT_FILE": {"wechat_file"},
    "BAIJIA_CAMPAIGN_FILE": {"campaign_file", "operations"},
    "BAIJIA_MESSAGES_FILE": {"messages_file"},
    "BAIJIA_STORAGE_FILE": {"open_storage"},  # `shared.media.open_storage` reads the setting
}


def test_table_names_what_the_code_reads_each_once():
    table = [*SET_BY_DEPLOYMENT, *SET_BY_OPERATOR, *(file.setting for file in FILES)]

    assert sorted(table) == sorted(NAMES_READ)


def test_nothing_else_of_the_product_reads_the_environment():
    sources = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    reading = [path for path in sources if reads_environment(parse_module(path))]

    assert reading == [ROOT / "shared" / "settings.py"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.setting)
def test_file_goes_to_the_processes_whose_modules_use_it(file):
    using = {
        process
        for part, processes in PARTS.items()
        for path in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
        if FIELDS[file.setting] & (attributes(parse_module(path)) | imported_names(parse_module(path)))
        for process in processes
    }

    assert file.readers == using


def test_readers_of_files_are_processes():
    assert {name for file in FILES for name in file.readers} <= {process.name for process in TABLE}


@pytest.mark.parametrize("name", sorted(NAMES_READ - {"BAIJIA_PROCESS"}))
def test_empty_setting_is_none(name: str):
    assert Settings.read({name: ""}) == Settings.read({})


def attributes(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def imported_names(tree: ast.AST) -> set[str]:
    return {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}


def reads_environment(tree: ast.AST) -> bool:
    return bool({"environ", "getenv"} & attributes(tree))

"""Headers of tus 1.0 are read strictly, and names of files become harmless."""

import base64

import pytest

from gateway.http import tus
from gateway.http.problems import Problem
from gateway.http.tus import Checksum


def named(name: str) -> dict[str, str]:
    return {"upload-metadata": f"filename {base64.b64encode(name.encode()).decode()}"}


def code_of(call, *words) -> str:
    with pytest.raises(Problem) as raised:
        call(*words)
    return raised.value.code


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("照片.jpg", "照片.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\windows\\passwd", "passwd"),
        ("photo\u202egpj.exe", "photogpj.exe"),  # shown as photoexe.jpg where the sign is left
        ("\u200e\u2067photo\u2069.jpg\ufeff", "photo.jpg"),
        ("e\u0301t\u00e9.jpg", "\u00e9t\u00e9.jpg"),
        (" photo.jpg ", "photo.jpg"),
        ("家庭\u200d照.jpg", "家庭照.jpg"),
    ],
)
def test_name_of_a_file_is_what_people_see_of_it(name: str, shown: str):
    assert tus.file_name(named(name)) == shown


@pytest.mark.parametrize("name", ["", " ", "\u202e\u200b", "a" * 201, "dir/", "a\nb", "a\0b"])
def test_name_that_nobody_can_see_is_refused(name: str):
    assert code_of(tus.file_name, named(name)) == "file-name-missing"


@pytest.mark.parametrize(
    "text",
    ["filename *", "filename YQ==,filename YQ==", "filename /w==", " ,", "filename YQ", "名称 YQ==", "a" * 5_000],
    ids=["no base64", "twice", "no text", "no key", "no padding", "no ASCII", "too long"],
)
def test_broken_metadata_are_refused(text: str):
    assert code_of(tus.metadata, {"upload-metadata": text}) == "upload-metadata-invalid"


def test_metadata_may_have_keys_without_a_value_and_be_missing():
    assert tus.metadata({"upload-metadata": "is_private, filetype aW1hZ2UvanBlZw=="}) == {
        "is_private": "", "filetype": "image/jpeg",
    }  # fmt: skip
    assert tus.metadata({}) == {}


@pytest.mark.parametrize("text", ["", "-1", "1.5", "one", "\u0661", "9" * 16, "+1", " 1"])
def test_number_that_is_none_is_refused(text: str):
    assert code_of(tus.upload_length, {"upload-length": text}) == "upload-header-invalid"
    assert code_of(tus.upload_offset, {"upload-offset": text}) == "upload-header-invalid"


def test_length_that_will_be_known_later_is_refused():
    assert code_of(tus.upload_length, {"upload-defer-length": "1"}) == "upload-header-invalid"


@pytest.mark.parametrize("version", [{}, {"tus-resumable": "0.2.2"}, {"tus-resumable": "1.0.1"}])
def test_other_version_is_refused_with_ours(version: dict[str, str]):
    with pytest.raises(Problem) as raised:
        tus.refuse_other_version(version)

    assert (raised.value.code, raised.value.headers) == ("tus-version", {"Tus-Version": "1.0.0"})


def test_checksum_names_its_algorithm_and_its_digest():
    assert tus.checksum({"upload-checksum": "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="}) == Checksum(
        "sha1", bytes.fromhex("2aae6c35c94fcfb415dbe95f408b9ce91ee846ed")
    )
    assert tus.checksum({}) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("md5 YQ==", "checksum-unsupported"), ("", "checksum-unsupported"), ("sha1 *", "upload-header-invalid")],
)
def test_checksum_that_cannot_be_compared_is_refused(text: str, code: str):
    assert code_of(tus.checksum, {"upload-checksum": text}) == code


def test_abilities_name_the_extensions_and_the_largest_upload():
    assert tus.abilities(500) == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,expiration,termination,checksum",
        "Tus-Checksum-Algorithm": "sha1,sha256,sha512",
        "Tus-Max-Size": "500",
    }


def test_progress_says_until_when_an_unfinished_upload_may_be_gone_on_with():
    assert tus.progress(3, expires_s=0)["Upload-Expires"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert tus.progress(3, expires_s=None) == {
        "Tus-Resumable": "1.0.0", "Upload-Offset": "3", "Cache-Control": "no-store",
    }  # fmt: skip

"""Tests of `baijia certificates`: it writes what can be printed in full, and names the rest."""

from pathlib import Path

import pytest

from deploy.commands.certificates import write_certificates
from deploy.commands.refusals import CommandRefused
from gateway.certificates import document
from tests.unit.gateway.public.test_certificates import CERTIFICATE


def test_certificate_that_cannot_be_printed_is_named_and_the_others_are_written(tmp_path: Path):
    odd = {**CERTIFICATE, "certificate": "B" * 16, "unit": "王\u0298工会"}

    with pytest.raises(CommandRefused) as refused:
        write_certificates([odd, CERTIFICATE], tmp_path, document.pdf, base="https://example.org", ending="pdf")

    assert [each.name[:16] for each in tmp_path.iterdir()] == [CERTIFICATE["certificate"]]
    assert "王\u0298工会（U+0298）" in refused.value.details

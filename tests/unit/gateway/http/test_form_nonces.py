"""A form's nonce: kept where it is one of ours, and replaced by a new one otherwise."""

import pytest

from gateway.http.form_nonces import new_nonce, nonce_of


def test_nonce_of_a_form_is_the_one_that_the_page_gave_it():
    nonce = new_nonce()

    assert nonce_of({"form": nonce}) == nonce


@pytest.mark.parametrize("sent", [{}, {"form": ""}, {"form": "n" * 21}, {"form": f"{'n' * 22}\n"}, {"form": "字" * 22}])
def test_form_without_a_nonce_of_ours_is_a_command_of_its_own(sent: dict[str, str]):
    first, second = nonce_of(sent), nonce_of(sent)

    assert (first == second, first in sent.values()) == (False, False)
    assert nonce_of({"form": first}) == first

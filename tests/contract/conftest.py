"""Let the contract suites in `shared/testing` report failed asserts in full."""

import pytest

pytest.register_assert_rewrite(
    "shared.testing.ledger_contract", "shared.testing.vault_contract", "tests.contract.draft_contract"
)

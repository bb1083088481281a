import pytest

# The suites live in shared/testing; their asserts should speak as those of a test file do.
pytest.register_assert_rewrite("shared.testing.ledger_contract", "shared.testing.vault_contract")

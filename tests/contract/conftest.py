import pytest

# The suite lives in shared/testing; its asserts should speak as those of a test file do.
pytest.register_assert_rewrite("shared.testing.ledger_contract")

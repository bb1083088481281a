"""What holds for all tests."""

import pytest
from hypothesis import settings

# A busy machine is no failure: hypothesis else fails an example that takes more than 200 ms. What failed is printed so
# that it can be replayed.
settings.register_profile("house", deadline=None, print_blob=True)
settings.register_profile("inner-loop", settings.get_profile("house"), max_examples=15)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """The inner loop tries fewer examples, where a test does not say how many: `make test` tries them all."""
    if "not slow" in config.option.markexpr:
        settings.load_profile("inner-loop")

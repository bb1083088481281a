"""Settings for all tests: the profiles of hypothesis."""

import pytest
from hypothesis import settings

# No deadline, because hypothesis else fails an example that takes more than 200 ms, and a busy machine is not a
# failure. A failing example is printed in a form that can be replayed.
settings.register_profile("house", deadline=None, print_blob=True)
settings.register_profile("inner-loop", settings.get_profile("house"), max_examples=15)
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples in the inner loop where a test does not set their number; `make test` tries all of them."""
    if "not slow" in config.option.markexpr:
        settings.load_profile("inner-loop")

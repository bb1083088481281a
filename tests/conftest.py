"""What holds for all tests."""

from hypothesis import settings

# A busy machine is no failure: hypothesis else fails an example that takes more than 200 ms. What failed is printed so
# that it can be replayed.
settings.register_profile("house", deadline=None, print_blob=True)
settings.load_profile("house")

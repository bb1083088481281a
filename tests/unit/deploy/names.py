"""The environment variables that the product reads, recorded from the code that reads them."""

from shared.settings import Settings


class _RecordingEnvironment(dict[str, str]):
    """An empty environment that records the names that are looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return default


def _names() -> frozenset[str]:
    environment = _RecordingEnvironment()
    Settings.read(environment)
    return frozenset(environment.names)


NAMES_READ = _names()

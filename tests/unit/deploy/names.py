"""The names that the product reads from its environment: asked of the code that reads them."""

from shared.settings import Settings


class _Asked(dict[str, str]):
    """An empty environment that remembers what was looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return default


def _names() -> frozenset[str]:
    asked = _Asked()
    Settings.read(asked)
    return frozenset(asked.names)


NAMES_READ = _names()

"""Where the tests find the product's own files, and how they read its code."""

import ast
import gc
from pathlib import Path

ROOT = Path(__file__).parents[1]
CAMPAIGN_FILE = ROOT / "deploy" / "campaigns" / "2021-baijia.toml"


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a module.

    Without a collection meanwhile: what dies in one may print a traceback, which parses code too, and Python 3.11.2
    then says "AST constructor recursion depth mismatch" (mended in 3.11.5, CPython issue 106905).
    """
    text, collects = path.read_text(), gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if collects:
            gc.enable()

"""Where the tests find the product's files, and how they parse its code."""

import ast
import gc
from pathlib import Path

ROOT = Path(__file__).parents[1]
CAMPAIGN_FILE = ROOT / "deploy" / "campaigns" / "2021-baijia.toml"


def parse_module(path: Path) -> ast.Module:
    """Parse a module into its syntax tree, without garbage collection meanwhile.

    An object that is destroyed in a collection may print a traceback, which parses code too, and Python 3.11.2
    then raises "AST constructor recursion depth mismatch" (fixed in 3.11.5, CPython issue 106905).
    """
    text, collects = path.read_text(), gc.isenabled()
    gc.disable()
    try:
        return ast.parse(text)
    finally:
        if collects:
            gc.enable()

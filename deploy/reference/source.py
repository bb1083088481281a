"""Comments beside the fields of dataclasses, read from the source."""

import ast
import importlib
import inspect
import io
import tokenize
from collections.abc import Iterator
from dataclasses import Field, fields
from functools import cache
from types import ModuleType
from typing import Any


def fields_with_comments(cls: type) -> Iterator[tuple[Field[Any], str]]:
    """Yield the fields of a dataclass, each with the comment on its line."""
    module = importlib.import_module(cls.__module__)
    found = comments(module, cls.__name__)
    yield from ((each, found.get(each.name, "")) for each in fields(cls))


def comments(module: ModuleType, name: str) -> dict[str, str]:
    """Return the comments that stand on the lines of a class's fields, by field."""
    tree, remarks = _source(module)
    (cls,) = (each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == name)
    found = [each for each in cls.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    return {each.target.id: remarks[each.lineno] for each in found if each.lineno in remarks}  # type: ignore[union-attr]


@cache
def _source(module: ModuleType) -> tuple[ast.Module, dict[int, str]]:
    """Return a module's tree, and its comments by line."""
    text = inspect.getsource(module)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    remarks = {each.start[0]: each.string.lstrip("#: ") for each in tokens if each.type == tokenize.COMMENT}
    return ast.parse(text), remarks

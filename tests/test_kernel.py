"""The cache of compiled kernels."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TypeGuard

import pytest

CALLEE = """from taoxi.normalize.kernel import kernel, part

@{decorator}
def inner(x):
    return x + {number}
"""
CALLER = """import sys
sys.path.insert(0, {folder!r})
from taoxi.normalize import kernel as module
module.sources.cache_clear()
module.sources = lambda: {stamp!r}
from caller import outer
print(outer(1), "numba.np.linalg" in sys.modules)
"""


def run(folder: Path, number: int, stamp: str, decorator: str) -> tuple[int, bool]:
    """Run a kernel that calls one of another file in a process of its own.

    Returns:
        What the kernel says, and whether it had to be compiled, for which numba imports linear algebra too.
    """
    (folder / "callee.py").write_text(CALLEE.format(number=number, decorator=decorator))
    script = CALLER.format(folder=str(folder), stamp=stamp)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    result, compiled = done.stdout.split()
    return int(result), compiled == "True"


@pytest.mark.parametrize("decorator", ["kernel", "part"])
def test_a_kernel_is_compiled_anew_when_one_it_calls_has_changed(tmp_path: Path, decorator: str) -> None:
    """The stamp of the cache covers all sources: Numba's own would go on to add 1. What did not change is loaded."""
    (tmp_path / "caller.py").write_text(
        "from callee import inner\nfrom taoxi.normalize.kernel import kernel\n\n"
        "@kernel\ndef outer(x):\n    return inner(x)\n"
    )
    assert run(tmp_path, 1, "old", decorator) == (2, True)
    assert run(tmp_path, 1, "old", decorator) == (2, False)
    assert run(tmp_path, 10, "new", decorator) == (11, True)


def decorated(node: ast.AST, *names: str) -> TypeGuard[ast.FunctionDef]:
    """Whether a node of a syntax tree is a function with one of these decorators."""
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(decorator, ast.Name) and decorator.id in names for decorator in node.decorator_list
    )


def names_outside_kernels(node: ast.AST) -> Iterator[str]:
    """Yield the names that Python itself meets."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name):
            yield child.id
        if not decorated(child, "kernel", "part"):
            yield from names_outside_kernels(child)


def test_python_calls_no_part_of_a_kernel() -> None:
    """It would run, but as Python: a hundred times slower, and nothing would say so."""
    folders = [Path(str(files(name))) for name in ("taoxi.corpus", "taoxi.dedup", "taoxi.normalize")]
    trees = {path: ast.parse(path.read_text("utf-8")) for folder in folders for path in folder.rglob("*.py")}
    parts = {(path.stem, node.name) for path, tree in trees.items() for node in tree.body if decorated(node, "part")}
    assert len(parts) > 100
    called = set()
    for path, tree in trees.items():
        own = {name: (path.stem, name) for stem, name in parts if stem == path.stem}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                own |= {alias.asname or alias.name: (node.module.split(".")[-1], alias.name) for alias in node.names}
        called |= {own[name] for name in names_outside_kernels(tree) if name in own} & parts
    assert called == {("present", "_slot")}, "a few bytes of each sign"

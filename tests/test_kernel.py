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

from taoxi.normalize import machine

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
print(outer(1), "numba" in sys.modules)
"""


def run(folder: Path, number: int, stamp: str, decorator: str) -> tuple[int, bool]:
    """Run a kernel that calls one of another file in a process of its own.

    Returns:
        What the kernel says, and whether it had to be compiled: nothing else imports Numba.
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


MANY = """import sys
sys.path.insert(0, {folder!r})
import numpy as np
from many import doubled, halved
print(doubled(np.arange(3)).tolist(), doubled(np.arange(3)).dtype.str, end=" ")
try:
    halved(3)
except ValueError as error:
    print(error, halved(4), "numba" in sys.modules, end=" ")
print(doubled(np.arange(3.0)).tolist(), "numba" in sys.modules)
"""


def test_kernels_from_disk_return_arrays_raise_errors_and_live_beside_the_compiler(tmp_path: Path) -> None:
    """None of it needs Numba, and when arguments of another kind come, it compiles for them in the same process."""
    (tmp_path / "many.py").write_text(
        "import numpy as np\nfrom taoxi.normalize.kernel import kernel\n\n"
        "@kernel\ndef doubled(values):\n    return values + values\n\n"
        "@kernel\ndef halved(value):\n    if value % 2:\n        raise ValueError('odd')\n    return value // 2\n"
    )
    (tmp_path / "warm.py").write_text(
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport numpy as np\nfrom many import doubled, halved\n"
        "doubled(np.arange(3)), halved(4)\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run([sys.executable, str(tmp_path / "warm.py")], check=True, env=environment)
    script = MANY.format(folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout == "[0, 2, 4] <i8 odd 2 False [0.0, 2.0, 4.0] True\n"


def test_damaged_code_is_made_again(tmp_path: Path) -> None:
    """A file that broke off, or holds something else, is not there."""
    (tmp_path / "caller.py").write_text(
        "from taoxi.normalize.kernel import kernel\n\n@kernel\ndef outer(x):\n    return x + 1\n"
    )
    assert run(tmp_path, 1, "old", "part") == (2, True)
    (kept,) = (tmp_path / "cache").iterdir()
    for data in (kept.read_bytes()[:100], b"", b"\x80\x04N."):
        kept.write_bytes(data)
        assert run(tmp_path, 1, "old", "part") == (2, True)
        assert run(tmp_path, 1, "old", "part") == (2, False)


def test_code_goes_to_the_user_where_the_package_takes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An administrator may have installed it; then each user has code of their own, and finds it again."""
    (tmp_path / "package").write_text("no folder")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(machine, "_package", [str(tmp_path / "package")])
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert machine.find("some") is None
    machine.write("some", b"code")
    assert machine.find("some") == tmp_path / "home" / "taoxi" / "some"
    assert [path.name for path in (tmp_path / "home" / "taoxi").iterdir()] == ["some"]


def test_nothing_is_kept_where_no_folder_takes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then each process compiles, which is slow but no error."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    machine.write("some", b"code")
    assert machine.find("some") is None


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

"""How kernels are compiled: without the interpreter's lock, and kept on disk between runs (Numba)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGES = (("taoxi.normalize", ""), ("taoxi.dedup", ""), ("taoxi.dedup", "chrome"))
"""Where kernels live: a package and a folder in it, which is read without being imported.

They call each other across modules, so all sources together decide what one is compiled to.
"""

CONSTANTS = ("rules.py", "fold.py", "lexicon.py")


def kernel(function: Function) -> Function:
    """Compile a function for CPython-free execution, cached until any source of a kernel changes.

    Numba's own cache looks only at the file that defines a function: after an update it would go on to run old code
    of a function that another file defines.
    """
    compiled: Any = njit(cache=True, nogil=True)(function)
    # Numba has no public way to add to the stamp; a test watches that this one works.
    index = compiled._cache._cache_file  # noqa: SLF001
    index._source_stamp = (index._source_stamp, sources())  # noqa: SLF001
    return cast("Function", compiled)


@cache
def sources() -> str:
    """Return a digest of the sources of all kernels and of the constants that are compiled into them."""
    digest = hashlib.blake2b(digest_size=16)
    for package, folder in PACKAGES:
        for path in sorted(files(package).joinpath(folder).iterdir(), key=lambda entry: entry.name):
            if not path.name.endswith(".py"):
                continue
            text = path.read_bytes()
            if b"@kernel" in text or path.name in CONSTANTS:
                digest.update(path.name.encode() + b"\0" + text)
    return digest.hexdigest()

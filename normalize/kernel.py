"""How kernels are compiled: without the interpreter's lock, and kept on disk between runs (Numba)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

from llvmlite.binding import get_host_cpu_name
from numba import __version__ as numba_version
from numba import njit
from numba.core.runtime.nrt import rtsys

Function = TypeVar("Function", bound=Callable[..., Any])

Internal = Any
"""A type or value of Numba while it compiles, for which it has no types of its own."""

PACKAGES = ("taoxi.normalize", "taoxi.dedup")
"""Where kernels live, at any depth. They call each other across modules, so all sources together decide what one is
compiled to."""

CONSTANTS = ("rules.py", "fold.py", "likelihood.py", "elements.py", "lexicon.py")


def kernel(function: Function) -> Function:
    """Compile a function for CPython-free execution, cached until any source of a kernel changes.

    Numba's own cache looks only at the file that defines a function: after an update it would go on to run old code
    of a function that another file defines.
    """
    compiled: Any = njit(cache=True, nogil=True)(function)
    # Numba has no public way to either; tests watch that both work.
    store = compiled._cache  # noqa: SLF001
    index = store._cache_file  # noqa: SLF001
    index._source_stamp = (index._source_stamp, sources())  # noqa: SLF001
    store.load_overload = partial(_load, store)
    return cast("Function", compiled)


def mark(function: Callable[..., Any]) -> Path:
    """Return the file that says that all kernels are compiled, for these sources, this Numba and this processor.

    It lies where Numba keeps the code of ``function``, any kernel.
    """
    compiled: Any = function
    folder = Path(compiled._cache._cache_file._cache_path)  # noqa: SLF001 - there is no public way; a test watches it
    what = f"{sources()} {numba_version} {get_host_cpu_name()} {sys.version}"
    return folder / f"taoxi-{hashlib.blake2b(what.encode(), digest_size=8).hexdigest()}.compiled"


def _load(store: Any, signature: Any, target: Any) -> Any:  # noqa: ANN401 - numba has no types
    """Load compiled code; numba's own way imports all that a compiler needs first, which takes a tenth of a second."""
    rtsys.initialize(target)
    with store._guard_against_spurious_io_errors():  # noqa: SLF001
        return store._load_overload(signature, target)  # noqa: SLF001


@cache
def sources() -> str:
    """Return a digest of the sources of all kernels and of the constants that are compiled into them."""
    digest = hashlib.blake2b(digest_size=16)
    for package in PACKAGES:
        folder = Path(str(files(package)))
        for path in sorted(folder.rglob("*.py")):
            text = path.read_bytes()
            if b"@kernel" in text or path.name in CONSTANTS:
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + text)
    return digest.hexdigest()

"""How kernels are compiled: without the interpreter's lock, and kept on disk between runs (Numba).

What Python calls is a ``kernel``, what only kernels call is a ``part`` of them. A part is not kept on disk, has no
entry for Python, and is optimized only within the kernels that call it, which halves the time to compile them all.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

from llvmlite.binding import get_host_cpu_name, parse_bitcode
from numba import __version__ as numba_version
from numba import njit
from numba.core.caching import FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.runtime.nrt import rtsys

_parts: list[Callable[..., Any]] = []
"""Parts that the compiler has not heard of. It is told when a kernel is to be compiled, which few runs do."""

Function = TypeVar("Function", bound=Callable[..., Any])

Internal = Any
"""A type or value of Numba while it compiles, for which it has no types of its own."""

PACKAGES = ("taoxi.normalize", "taoxi.dedup")
"""Where kernels live, at any depth. They call each other across modules, so all sources together decide what one is
compiled to."""

CONSTANTS = ("compiling.py", "rules.py", "fold.py", "likelihood.py", "elements.py", "lexicon.py")


def kernel(function: Function) -> Function:
    """Compile a function for CPython-free execution, cached until any source of a kernel changes.

    Numba's own cache looks only at the file that defines a function: after an update it would go on to run old code
    of a function that another file defines.
    """
    options: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}  # of the second, Numba's types do not know
    compiled: Any = njit(**options)(function)
    # Numba has no public way to use a cache of one's own; tests watch that it works.
    compiled._cache = _Store(function)  # noqa: SLF001
    return cast("Function", compiled)


def part(function: Function) -> Function:
    """Let kernels call a function, which stays one of Python for everybody else."""
    _parts.append(function)
    return function


def mark(function: Callable[..., Any]) -> Path:
    """Return the file that says that all kernels are compiled, for these sources, this Numba and this processor.

    It lies where Numba keeps the code of ``function``, any kernel.
    """
    compiled: Any = function
    folder = Path(compiled._cache.cache_path)  # noqa: SLF001 - there is no public way; a test watches it
    what = f"{sources()} {numba_version} {get_host_cpu_name()} {sys.version}"
    return folder / f"taoxi-{hashlib.blake2b(what.encode(), digest_size=8).hexdigest()}.compiled"


class _Store:
    """Where the compiled code of a function is kept: Numba's own cache, looked for when the function is first called.

    To find the folder of one takes a third of a millisecond, and most functions are only parts of others.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @cached_property
    def _cache(self) -> Any:  # noqa: ANN401 - numba has no types
        found: Any = FunctionCache(self._function)
        index = found._cache_file  # noqa: SLF001
        index._source_stamp = (index._source_stamp, sources())  # noqa: SLF001
        return found

    @property
    def cache_path(self) -> str:
        return str(self._cache.cache_path)

    def load_overload(self, signature: Any, target: Any) -> Any:  # noqa: ANN401
        """Load compiled code; Numba's own way imports first all that a compiler needs, which takes a tenth of a second.

        Returns:
            None if there is none.
        """
        rtsys.initialize(target)
        target.codegen()._library_class = _Library  # noqa: SLF001
        with self._cache._guard_against_spurious_io_errors():  # noqa: SLF001
            known = self._cache._load_overload(signature, target)  # noqa: SLF001
            if known is not None:
                return known
        if _parts:
            from taoxi.normalize.compiling import learn_parts  # noqa: PLC0415 - imports the compiler

            learn_parts(_parts)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:  # noqa: ANN401
        """Keep what was compiled."""
        self._cache.save_overload(signature, compiled)


class _Library(JITCodeLibrary):
    """The code of a kernel. What the cache holds of it for the compiler is read only if another kernel is compiled.

    Numba reads it together with the machine code, to know the names in it, which takes half of the time of loading.
    """

    _for_compiler: bytes | None = None

    @classmethod
    def _unserialize(cls, codegen: Internal, state: Internal) -> Internal:
        name, _kind, (machine_code, bitcode) = state
        library: Internal = cls(codegen, name)
        library._for_compiler = bitcode  # noqa: SLF001
        library.enable_object_caching()
        library._set_compiled_object(machine_code)  # noqa: SLF001
        library._finalize_final_module()  # noqa: SLF001
        return library

    def get_pointer_to_function(self, name: str) -> Internal:
        if self._for_compiler is not None:
            return self._codegen._engine.get_function_address(name)  # noqa: SLF001
        return super().get_pointer_to_function(name)  # type: ignore[no-untyped-call]

    def _get_module_for_linking(self) -> Internal:
        if self._for_compiler is not None:
            self._shared_module = parse_bitcode(self._for_compiler)
            self._codegen._engine._load_defined_symbols(self._shared_module)  # noqa: SLF001
            self._for_compiler = None
        return super()._get_module_for_linking()  # type: ignore[no-untyped-call]


@cache
def sources() -> str:
    """Return a digest of the sources of all kernels and of the constants that are compiled into them."""
    digest = hashlib.blake2b(digest_size=16)
    for package in PACKAGES:
        folder = Path(str(files(package)))
        for path in sorted(folder.rglob("*.py")):
            text = path.read_bytes()
            if b"@kernel" in text or b"@part" in text or path.name in CONSTANTS:
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + text)
    return digest.hexdigest()

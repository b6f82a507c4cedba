"""Compiled kernels on disk, and how they come into memory and are called without the compiler.

LLVM links the object code of a kernel into the process, as it does when Numba has just compiled it, and Numba's own
small libraries of C, which need no compiler, make a function of Python of it. Where a later Numba has other insides,
nothing is found here, and kernels are compiled anew in each process: a test watches that they are found.
"""

from __future__ import annotations

import builtins
import contextlib
import ctypes
import hashlib
import importlib
import importlib.machinery
import importlib.util
import os
import pickle
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from taoxi.normalize import __path__ as _package

Module = Any
"""A module of Numba, LLVM's handles: they have no types."""

Environment = tuple[str, list[Any]]
"""What code refers to outside of itself: the name of the place for it, and objects."""


@dataclass(frozen=True, slots=True)
class Image:
    """The compiled code of a kernel.

    Object code, its module and the name of its entry for Python, its environments, its own first, and the functions
    that it calls and does not hold.
    """

    code: bytes
    module: str
    entry: str
    environments: list[Environment]
    needs: list[str]


def load(name: str, stamp: str) -> Callable[..., Any] | None:
    """Bring a kernel into memory.

    Args:
        name: of the function, with the kinds of its arguments.
        stamp: what it was compiled from.

    Returns:
        The function, or None if there is no code of it on disk.
    """
    with contextlib.suppress(
        OSError, ValueError, TypeError, EOFError, pickle.UnpicklingError, AttributeError, ImportError
    ):
        path = find(name_of(name))
        if path is not None:
            kept, image = pickle.loads(path.read_bytes())  # noqa: S301 - written by this program, as .pyc files are
            if kept == (name, stamp):
                return _linker().link(image)
    return None


def save(name: str, stamp: str, image: Image) -> None:
    """Keep the code of a kernel, if there is a folder that takes it."""
    write(name_of(name), pickle.dumps(((name, stamp), image)))


def name_of(what: str) -> str:
    """Return the name of a file for code of this processor, this Python, and these versions of libraries."""
    return f"taoxi-{hashlib.blake2b(f'{what} {_platform()}'.encode(), digest_size=12).hexdigest()}.kernel"


def find(name: str) -> Path | None:
    """Return the first file of this name that is there."""
    return next((path for folder in _folders() if (path := folder / name).is_file()), None)


def write(name: str, data: bytes) -> None:
    """Write a file at once as a whole, into the first folder that takes it."""
    for folder in _folders():
        fresh = folder / f"{name}.{os.getpid()}"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                fresh.write_bytes(data)
                fresh.replace(folder / name)
            except OSError:
                fresh.unlink(missing_ok=True)
                raise
            return


def _folders() -> Iterator[Path]:
    """Yield where code may lie: beside the package as Python's own, or with the user, if nobody may write there.

    Numba's variable for it rules, if it is set.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        yield Path(chosen)
        return
    yield Path(_package[0], "__pycache__")
    if sys.platform == "win32":
        yield Path(os.environ.get("LOCALAPPDATA") or Path.home(), "taoxi", "cache")
    elif sys.platform == "darwin":
        yield Path.home() / "Library" / "Caches" / "taoxi"
    else:
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "taoxi")


@cache
def _platform() -> str:
    features = llvm.get_host_cpu_features().flatten()
    numba = Path(_numba(), "_version.py").read_text("utf-8")
    return f"{numba} {llvmlite.__version__} {llvm.get_host_cpu_name()} {features} {sys.version} {platform.machine()}"


@cache
def _numba() -> str:
    """Return the folder of Numba, which is not imported."""
    spec = importlib.util.find_spec("numba")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("Numba is not installed. Install it, or taoxi again.")
    return spec.submodule_search_locations[0]


@cache
def _linker() -> _Linker:
    return _Linker()


class _Linker:
    """LLVM's dynamic linker, which knows the C functions that compiled kernels call."""

    def __init__(self) -> None:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        target = llvm.Target.from_triple(llvm.get_process_triple())
        empty = llvm.parse_assembly("")
        self._engine = llvm.create_mcjit_compiler(empty, target.create_target_machine(codemodel="jitdefault", jit=True))
        self._dynamic = _library("_dynfunc")
        self._held: list[object] = []
        if "numba" in sys.modules:
            return  # which has done the same, or does it before it compiles
        for functions, prefix in (
            (_library("_helperlib").c_helpers, "numba_"),
            (self._dynamic.c_helpers, "numba_"),
            (_library("core/runtime/_nrt_python").c_helpers, "NRT_"),
        ):
            for name, address in functions.items():
                llvm.add_symbol(name if prefix == "NRT_" and name.startswith("_") else prefix + name, address)
        llvm.add_symbol("_Py_NoneStruct", id(None))
        for error in vars(builtins).values():
            if isinstance(error, type) and issubclass(error, BaseException):
                llvm.add_symbol(f"PyExc_{error.__name__}", id(error))
        # Numba's own imports all of it. What is known is found without any code of Python, at whose start a signal
        # could be raised as an exception, which nobody would hear of.
        constants = _Constants()
        loads = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p)(constants.__getitem__)
        self._held += [constants, loads]
        llvm.add_symbol("numba_unpickle", ctypes.cast(loads, ctypes.c_void_p).value)

    def link(self, image: Image) -> Callable[..., Any]:
        """Return the function of an image.

        Raises:
            ValueError: if it calls what there is not: LLVM would let it call nothing.
        """
        if not all(map(llvm.address_of_symbol, image.needs)):
            raise ValueError("The code was compiled for another Numba.")
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(image.code))
        self._engine.finalize_object()
        environments = []
        module = importlib.import_module(image.module)
        for name, constants in image.environments:
            environment = self._dynamic.Environment(vars(module))
            environment.consts.extend(constants)
            place = self._engine.get_global_value_address(name)
            if place:
                ctypes.c_void_p.from_address(place).value = id(environment)
            environments.append(environment)
        self._held.append(environments)
        entry = self._engine.get_function_address(image.entry)
        if not entry:
            raise ValueError(f"The code has no entry {image.entry}.")
        own = environments[0]
        function: Callable[..., Any] = self._dynamic.make_function(module, image.entry, "", entry, own, (self,))
        return function


def _library(name: str) -> Module:
    """Load a library of C that belongs to Numba, without Numba."""
    folder, _, own = f"{_numba()}/{name}".rpartition("/")
    spec = importlib.machinery.PathFinder.find_spec(own, [folder])
    if spec is None or spec.loader is None:
        raise ImportError(f"Numba has no {name} here. Install a version that taoxi was tested with.")
    library = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(library)
    return library


class _Constants(dict[int, object]):
    """Objects that are kept in code, by their addresses: types of what kernels return, and errors that they raise."""

    def __missing__(self, address: int) -> object:
        """Read an object; it says itself where it ends."""
        found = self[address] = pickle.Unpickler(_Stream(address)).load()  # noqa: S301 - a part of the code itself
        return found


class _Stream:
    """Memory from an address on, as a file."""

    def __init__(self, address: int) -> None:
        self._at = address

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        data = ctypes.string_at(self._at, size)
        self._at += size
        return data

    def readline(self) -> bytes:
        """Return the bytes up to the next line feed."""
        line = b""
        while not line.endswith(b"\n"):
            line += self.read(1)
        return line

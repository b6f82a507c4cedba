"""How kernels are compiled and kept: without the interpreter's lock, on disk between runs (Numba).

What Python calls is a ``kernel``, what only kernels call is a ``part`` of them, or an ``instruction`` if it is written
in those of LLVM. Parts are not kept on disk, have no entry for Python, and are optimized only within the kernels that
call them, which halves the time to compile them all. Kernels that others call are parts of these, too.

A run whose kernels are all on disk does not import Numba, which would take as long as half of what it imports: what a
call looks like is found out here, and ``taoxi.normalize.machine`` brings the code into memory.
"""

from __future__ import annotations

import hashlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, update_wrapper
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from taoxi.normalize import machine

parts: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
"""What kernels may call, and what is compiled in its place. Numba is told of it when a kernel is to be compiled."""

instructions: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
"""What kernels may call, and what generates its code."""

Function = TypeVar("Function", bound=Callable[..., Any])

Internal = Any
"""A type or value of Numba while it compiles, for which it has no types of its own."""

PACKAGES = ("taoxi.normalize", "taoxi.dedup")
"""Where kernels live, at any depth. They call each other across modules, so all sources together decide what one is
compiled to."""

CONSTANTS = ("compiling.py", "machine.py", "rules.py", "fold.py", "likelihood.py", "elements.py", "lexicon.py")

_FLAGS = {"C_CONTIGUOUS": 0x1, "F_CONTIGUOUS": 0x2, "WRITEABLE": 0x400}
"""What tells arrays of one type apart, as bits of ``flags.num``."""

_loading = threading.RLock()


def kernel(function: Function) -> Function:
    """Compile a function for CPython-free execution, cached until any source of a kernel changes.

    Numba's own cache looks only at the file that defines a function: after an update it would go on to run old code
    of a function that another file defines.
    """
    compiled = Kernel(function)
    parts.append((compiled, function))
    return cast("Function", compiled)


def part(function: Function) -> Function:
    """Let kernels call a function, which stays one of Python for everybody else."""
    parts.append((function, function))
    return function


def instruction(generator: Callable[..., Any]) -> Callable[..., Any]:
    """Let kernels call what a generator of code stands for (one as ``numba.extending.intrinsic`` takes it)."""

    def stand_in(*_arguments: object) -> None:
        raise NotImplementedError

    instructions.append((stand_in, generator))
    return stand_in


class Kernel:
    """A function whose compiled code is looked for, or made, when it is first called with arguments of some kinds."""

    def __init__(self, function: Callable[..., Any]) -> None:
        """Take a function that Numba can compile."""
        self.function = function
        self._known: dict[tuple[str, ...], Callable[..., Any]] = {}
        update_wrapper(self, function)

    def __call__(self, *arguments: object) -> object:
        """Run the compiled code for arguments of these kinds."""
        kinds = tuple([_kind(argument) for argument in arguments])
        code = self._known.get(kinds)
        if code is None:
            with _loading:
                code = self._find(kinds, arguments)
            with _undisturbed():
                found = code(*arguments)
            self._known[kinds] = code
            return found
        return code(*arguments)

    def _find(self, kinds: tuple[str, ...], arguments: tuple[object, ...]) -> Callable[..., Any]:
        name = f"{self.function.__module__}.{self.function.__qualname__} {' '.join(kinds)}"
        code = machine.load(name, sources())
        if code is not None:
            return code
        from taoxi.normalize.compiling import compiled  # noqa: PLC0415 - imports the compiler

        image, code = compiled(self.function, arguments)
        if image is not None:
            machine.save(name, sources(), image)
        return code


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals wait while a kernel is called first: its code asks Python for types, where an exception is lost."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []
    handlers: dict[int, Any] = {}
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            if callable(signal.getsignal(number)):
                handlers[number] = signal.signal(number, lambda number, _frame: waiting.append(number))
        yield
    finally:
        for kind, handler in handlers.items():
            signal.signal(kind, handler)
        for came in waiting:
            signal.raise_signal(came)


def _kind(argument: object) -> str:
    """Return what kind of argument a kernel is called with: code that is compiled for one fits all others of its kind.

    Raises:
        TypeError: if no kernel takes arguments of this type.
    """
    kind = type(argument)
    if kind is np.ndarray:
        array = cast("np.ndarray[Any, Any]", argument)
        flags = array.flags.num
        order = "C" if flags & _FLAGS["C_CONTIGUOUS"] else "F" if flags & _FLAGS["F_CONTIGUOUS"] else "A"
        return f"{array.dtype.str}{array.ndim}{order}{'w' if flags & _FLAGS['WRITEABLE'] else 'r'}"
    if kind in _PLAIN:
        return _PLAIN[kind]
    if isinstance(argument, np.generic):
        return argument.dtype.str
    if isinstance(argument, tuple):
        return f"({' '.join([_kind(member) for member in argument])})"
    raise TypeError(f"{argument!r} is no argument for a kernel.")


_PLAIN = {int: "int", bool: "bool", float: "float", str: "str", bytes: "bytes"}


def mark() -> Path | None:
    """Return the file that says that all kernels are compiled, for these sources; None if it is not there."""
    return machine.find(machine.name_of("all kernels") + sources())


def set_mark() -> None:
    """Say that all kernels are compiled."""
    machine.write(machine.name_of("all kernels") + sources(), b"")


@cache
def sources() -> str:
    """Return a digest of the sources of all kernels and of the constants that are compiled into them."""
    digest = hashlib.blake2b(digest_size=16)
    for package in PACKAGES:
        folder = Path(str(files(package)))
        for path in sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".tsv"}):
            text = path.read_bytes()
            if path.suffix == ".tsv" or b"@kernel" in text or b"@part" in text or path.name in CONSTANTS:
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + text)
    return digest.hexdigest()

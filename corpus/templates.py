"""Templates of the views: text with gaps, in files of their packages, and how values are written into the gaps."""

from __future__ import annotations

import contextlib
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from taoxi.corpus.escaping import escape
from taoxi.normalize import machine

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment, Template

MEGABYTE = 1_000_000

_BREAKS = re.compile("\n+")


def template(package: str, name: str) -> Template:
    """Return a template of a package; what is put into one of HTML is escaped."""
    return _environment().get_template(f"{package}/{name}")


@cache
def resource(package: str, name: str) -> str:
    """Return a text file of a package."""
    return files(package).joinpath(name).read_text("utf-8")


def visible(text: str | None) -> str:
    r"""Return a text in which what cannot be seen is seen; its lines stay lines.

    >>> visible("a\nb\x1b[2J")
    'a\nb\\x1b[2J'
    """
    return "\n".join(escape(line) for line in (text or "").split("\n"))


def oneline(text: str | None, size: int = 0) -> str:
    """Return a text on one line, visible, and cut off behind ``size`` characters unless that is 0.

    >>> oneline("a b", 1)
    'a…'
    """
    whole = (text or "").strip("\n")
    shown = _BREAKS.sub(" ⏎ ", visible(whole[:size] if size else whole))
    return shown + ("…" if size and len(whole) > size else "")


def changed(text: str) -> str:
    r"""Return a text that only one of two has, with its line ends visible.

    >>> changed("a\n\nb")
    'a⏎⏎\nb'
    """
    return _BREAKS.sub(lambda breaks: "⏎" * len(breaks[0]) + "\n", visible(text)).removesuffix("\n")


def tight(text: str) -> str:
    """Return a text without empty lines."""
    return _BREAKS.sub("\n", text)


def number(count: float) -> str:
    """Return a count with its thousands set apart."""
    return f"{count:,.0f}"


def share(part: float, whole: float) -> str:
    """Return a percentage that is never 0% or 100% of what is not nothing or all.

    >>> share(1, 100_000), share(99_999, 100_000), share(1, 3)
    ('<0.1%', '>99.9%', '33.3%')
    """
    if not whole:
        return "–"
    rounded = f"{part / whole:.1%}"
    if rounded == "0.0%" and part:
        return "<0.1%"
    if rounded == "100.0%" and part < whole:
        return ">99.9%"
    return rounded.replace(".0%", "%")


def size(count: float) -> str:
    """Return a number of bytes for a person to read."""
    if count < MEGABYTE / 10:
        return f"{count / 1000:,.1f} kB"
    return f"{count / MEGABYTE:,.1f} MB"


@cache
def _environment() -> Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: resource(*name.split("/"))),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(),
    )
    filters = (visible, changed, tight, oneline, number, share, size)
    environment.filters.update({each.__name__: each for each in filters})
    return environment


def _compiled() -> BytecodeCache:
    """Return where compiled templates are kept, beside the kernels: to compile the page takes an eighth of a second."""
    from jinja2 import BytecodeCache
    from jinja2.bccache import Bucket

    class Cache(BytecodeCache):
        def load_bytecode(self, bucket: Bucket) -> None:
            path = machine.find(f"taoxi-{bucket.key}.template")
            if path is not None:
                with contextlib.suppress(OSError):
                    bucket.bytecode_from_string(path.read_bytes())

        def dump_bytecode(self, bucket: Bucket) -> None:
            machine.write(f"taoxi-{bucket.key}.template", bucket.bytecode_to_string())

    return Cache()

"""Lay out a page: the template, its words in two languages, and what makes the text of strangers safe to look at."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import PurePath
from typing import TYPE_CHECKING

from taoxi.corpus.escaping import escape
from taoxi.corpus.options import Lang
from taoxi.corpus.page import view
from taoxi.corpus.page.facts import Facts
from taoxi.normalize.kernel import mark
from taoxi.normalize.utf8 import lengths

if TYPE_CHECKING:
    from jinja2 import BytecodeCache, Environment

MEGABYTE = 1_000_000

_BREAKS = re.compile("\n+")


def rendered(facts: Facts, lang: Lang) -> str:
    """Return the page of a run as HTML.

    Everything that comes from inputs is escaped, and what a reader could not see or would be misled by is shown as its
    escape. The page holds no script, loads nothing, and says so to the browser (Content-Security-Policy).
    """
    environment = _environment()
    words = strings(lang)
    style = _resource("page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    def say(key: str, **values: object) -> str:
        return words[key].format(**values)

    def known(key: str, default: str) -> str:
        return words.get(key, default)

    return environment.get_template("page.html").render(
        facts=facts,
        view=view,
        say=say,
        known=known,
        lang=lang,
        style=style,
        digest=digest,
        name=_name(facts.out),
        version=_version(),
    )


def language(asked: Lang | None) -> Lang:
    """Return the language of a page: the asked one, or that of the locale."""
    if asked is not None:
        return asked
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Lang.ZH if locale.lower().startswith("zh") else Lang.EN


@cache
def strings(lang: Lang) -> dict[str, str]:
    """Return the words of a page, by key."""
    words: dict[str, str] = tomllib.loads(_resource(f"{lang}.toml"))
    return words


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
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_cache_of_templates(),
    )
    filters = (visible, changed, tight, oneline, number, share, size)
    environment.filters.update({each.__name__: each for each in filters})
    return environment


def _cache_of_templates() -> BytecodeCache:
    """Return where the compiled template is kept, beside the kernels: to compile it takes an eighth of a second."""
    from jinja2 import FileSystemBytecodeCache
    from jinja2.bccache import Bucket

    class Cache(FileSystemBytecodeCache):
        """Does without what cannot be written."""

        def dump_bytecode(self, bucket: Bucket) -> None:
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)

    return Cache(str(mark(lengths).parent), "taoxi-%s.template")


@cache
def _resource(name: str) -> str:
    return files("taoxi.corpus.page").joinpath(name).read_text("utf-8")


def _name(out: str) -> str:
    return PurePath(out).name or out


def _version() -> str:
    try:
        return version("taoxi")
    except PackageNotFoundError:
        return ""

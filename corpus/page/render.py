"""Lay out a page: the template, its words in two languages, and what makes the text of strangers safe to look at."""

from __future__ import annotations

import base64
import hashlib
import os
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath

from taoxi.corpus.options import Lang
from taoxi.corpus.page import view
from taoxi.corpus.page.facts import Facts
from taoxi.corpus.templates import resource, template

_PACKAGE = "taoxi.corpus.page"


def rendered(facts: Facts, lang: Lang) -> str:
    """Return the page of a run as HTML.

    Everything that comes from inputs is escaped, and what a reader could not see or would be misled by is shown as its
    escape. The page holds no script, loads nothing, and says so to the browser (Content-Security-Policy).
    """
    words = strings(lang)
    style = resource(_PACKAGE, "page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    def say(key: str, **values: object) -> str:
        return words[key].format(**values)

    def known(key: str, default: str) -> str:
        return words.get(key, default)

    return template(_PACKAGE, "page.html").render(
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
    words: dict[str, str] = tomllib.loads(resource(_PACKAGE, f"{lang}.toml"))
    return words


def _name(out: str) -> str:
    return PurePath(out).name or out


def _version() -> str:
    try:
        return version("taoxi")
    except PackageNotFoundError:
        return ""

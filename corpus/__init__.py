"""The run: passes, spool, writers, ledger, manifest; the public API.

What is public is imported on first use, so that asking for help stays instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taoxi.corpus.explaining import explain
    from taoxi.corpus.looking import look
    from taoxi.corpus.options import Options
    from taoxi.corpus.restore import restore
    from taoxi.corpus.run import clean
    from taoxi.corpus.state.overview import overview
    from taoxi.corpus.state.rebuild import remake
    from taoxi.corpus.verification import verify
    from taoxi.corpus.views import make_page
    from taoxi.corpus.wanted import Wanted

__all__ = ["Options", "Wanted", "clean", "explain", "look", "make_page", "overview", "remake", "restore", "verify"]

_HOMES = {
    "Options": "options",
    "Wanted": "wanted",
    "clean": "run",
    "explain": "explaining",
    "look": "looking",
    "make_page": "views",
    "overview": "state.overview",
    "remake": "state.rebuild",
    "restore": "restore",
    "verify": "verification",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import the public names when they are first used."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"taoxi.corpus.{_HOMES[name]}"), name)

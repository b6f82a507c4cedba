"""The run: passes, spool, writers, ledger, manifest; the public API.

``clean`` and ``Options`` are imported on first use, so that asking for help stays instant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from taoxi.corpus.options import Options
    from taoxi.corpus.run import clean

__all__ = ["Options", "clean"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module holds
    """Import the public names when they are first used."""
    if name == "clean":
        from taoxi.corpus.run import clean

        return clean
    if name == "Options":
        from taoxi.corpus.options import Options

        return Options
    raise AttributeError(name)

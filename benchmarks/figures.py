"""Figures of a run as JSON, with what they can only be compared with: the day and the kind of machine."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import orjson


def machine() -> dict[str, object]:
    """Return the kind of this machine, without its name."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def save(path: Path | None, command: str, figures: Mapping[str, object]) -> None:
    """Write the figures of a command, if a file was named; what it held before goes."""
    if path is None:
        return
    day = dt.datetime.now(tz=dt.UTC).date().isoformat()
    whole = {"command": command, "day": day, "machine": machine(), **figures}
    path.write_bytes(orjson.dumps(whole, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names the file."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")

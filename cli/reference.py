"""The page docs/cli.md, made from the command line itself: ``python -m taoxi.cli.reference`` writes it anew."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from taoxi.cli.config import keys, kind
from taoxi.cli.main import taoxi

PAGE = "docs/cli.md"
"""Where the page lies in a checkout."""

WIDTH = 100
"""Columns of the help on the page: a terminal of today, and no scroll bar on the web."""

HEAD = """\
# The command line

This page is made from `--help`. Do not edit it; run `python -m taoxi.cli.reference`.

Data goes to standard output (a corpus only with `-o -`, an explanation, a look); all else goes to standard error. Bars
are shown on a terminal only. Names and messages are escaped: no control character or terminal sequence in a file name
or a page takes effect. When the reader of a pipe goes away, the command ends without a word.
"""

CONFIG = """\
## Configuration file

`--config FILE` reads TOML. Its keys are the words of the options; `inputs` stands for INPUT. The command line wins over
the file, with `--no-strict`, `--no-overwrite` and `--no-quiet` too. Relative paths are relative to the working
directory, not to the file. An unknown key, a value of the wrong type and a wrong value are errors (exit code 2).

```toml
inputs = ["crawl/*.jsonl.gz"]
out = "corpus"
text-field = "body"
max-record = "64MB"
strict = true
log-format = "json"
```

| key | value |
|---|---|
"""

EVENTS = """
## Events of `--log-format json`

Each line of standard error is one JSON object in ASCII. `event` says what it is; the other keys of an event are always
there. A later version may add keys; it changes the meaning of none. `--quiet` leaves `problem`, `alarm`,
`complaint` and `error`.

"""

KEYS: dict[str, tuple[str, dict[str, str]]] = {
    "start": (
        "before anything is read",
        {
            "version": "null in a bare checkout",
            "inputs": "none of a command that only reads OUT",
            "out": "of a look, a name that nothing is written to",
            "options": "those that decide the result",
        },
    ),
    "phase": (
        "a pass begins",
        {
            "phase": "read, judge or write; of verify: files, rows, replay",
            "total": "bytes of sources or files to read, rows, or documents; null where it is not known",
        },
    ),
    "problem": (
        "something of the input could not be read",
        {
            "source": "",
            "member": "path in an archive, or null",
            "byte": "of the decompressed source, or null",
            "message": "ends with the next step",
        },
    ),
    "alarm": (
        "a site or source lost an abnormal share of its documents, or many of them lost nearly all their text",
        {
            "name": "",
            "documents": "",
            "removed": "how many of them",
            "lost": "`documents`, or `text` if they lost that as site chrome",
        },
    ),
    "notice": (
        "something that is worth knowing and no problem",
        {"message": ""},
    ),
    "complaint": (
        "verify found something damaged; of each kind, the first 20 are told",
        {
            "kind": "what it is about",
            "file": "path in the output",
            "row": "in that file from 0, or null",
            "id": "of the row, or null",
            "source": "or null",
            "byte": "of the decompressed source, or null",
            "message": "ends with the next step",
        },
    ),
    "summary": (
        "the run is done",
        {
            "exit_code": "",
            "out": "",
            "run": "its number in a folder; null for a file, and if there was nothing new",
            "sources": "",
            "unchanged": "sources that were read before and are the same",
            "documents": "",
            "kept": "documents",
            "removed": "documents by reason",
            "cut": "pieces by kind/reason",
            "changes": "by rule",
            "characters": "",
            "characters_kept": "",
            "encodings": "sources by encoding",
            "bytes": "as stored",
            "problems": "how many",
            "alarms": "how many",
            "seconds": "",
        },
    ),
    "verification": (
        "verify is done",
        {
            "exit_code": "",
            "out": "",
            "runs": "in force",
            "files": "",
            "bytes": "of the files",
            "rows": "",
            "documents": "",
            "pieces": "",
            "sources": "",
            "replayed": "sources that were read again",
            "gone": "sources that are not there",
            "changed": "sources that are not what was read",
            "piped": "sources that were standard input",
            "unread": "sources of which no document came",
            "complaints": "by kind",
            "notices": "by kind",
            "seconds": "",
        },
    ),
    "error": (
        "there is no result",
        {
            "exit_code": "",
            "message": "ends with the next step",
            "traceback": "null unless it is a defect in taoxi",
        },
    ),
}
"""When each event comes, and its keys with what is not plain from their names."""

_WIDE: dict[str, Any] = {"terminal_width": WIDTH, "max_content_width": WIDTH}


def page() -> str:
    """Return the whole page."""
    group = click.Context(taoxi, info_name="taoxi", **taoxi.context_settings, **_WIDE)
    parts = [HEAD, _help(taoxi, group)]
    for name, command in taoxi.commands.items():
        parts.append(_help(command, click.Context(command, info_name=name, parent=group, **_WIDE)))
    clean = taoxi.commands["clean"]
    shown = {key: param for key, param in keys(clean).items() if not getattr(param, "hidden", False)}
    rows = [f"| `{key}` | {kind(param)[1]} |\n" for key, param in shown.items()]
    return "\n".join(parts) + "\n" + CONFIG + "".join(rows) + EVENTS + _events()


def _events() -> str:
    """Return the events as a list, and the keys of each as a list in it."""
    lines = []
    for event, (when, notes) in KEYS.items():
        lines.append(f"- `{event}`: {when}\n")
        lines += [f"  - `{key}`{': ' if note else ''}{note}\n" for key, note in notes.items()]
    return "".join(lines)


def _help(command: click.Command, ctx: click.Context) -> str:
    """Return the section of one command."""
    return f"## {ctx.command_path}\n\n```text\n{command.get_help(ctx)}\n```\n"


def main() -> None:
    """Write the page to the path that is given, or to its place in the checkout that is the working directory."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else PAGE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

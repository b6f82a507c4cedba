"""The manual page man/taoxi.1, made from the command line itself: ``python -m taoxi.cli.manual`` writes it anew."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from taoxi.cli.main import taoxi
from taoxi.cli.params import COMMON_CODES, EXIT_CODES, Command

PAGE = "man/taoxi.1"
"""Where the page lies in a checkout."""

ENVIRONMENT = {
    "NO_COLOR": "If it is set, nothing is coloured.",
    "COLUMNS": "How wide tables are; else that of the terminal, or 80.",
    "TMPDIR": "Where temporary files lie that do not belong beside an output.",
}
"""The variables of the environment that a person may set."""

SEE = "The pages in docs/ of the project: cli.md, look.md, format.md, ledger.md, pipes.md, cron.md, web.md, shell.md."

_BREAKS = re.compile(r"\n\s*\n")


def page() -> str:
    """Return the whole page, in the macros of man(7)."""
    lines = [
        '.\\" Made by python -m taoxi.cli.manual from the command line. Do not edit it.',
        '.TH TAOXI 1 "" "taoxi" "User Commands"',
        ".SH NAME",
        f"taoxi \\- {text(_first(taoxi.help))}",
        ".SH SYNOPSIS",
    ]
    group = click.Context(taoxi, info_name="taoxi", **taoxi.context_settings)
    contexts = {name: click.Context(each, info_name=name, parent=group) for name, each in taoxi.commands.items()}
    for name, command in taoxi.commands.items():
        lines += [".B " + text(f"taoxi {name}"), *_usage(command, contexts[name]), ".br"]
    lines[-1] = ".SH DESCRIPTION"
    lines += [*_paragraphs(taoxi.help), ".SH COMMANDS"]
    for name, command in taoxi.commands.items():
        lines += _command(command, contexts[name])
    lines.append(".SH EXIT STATUS")
    lines += _terms({str(int(code)): meaning for code, meaning in EXIT_CODES.items()})
    lines += [".SH ENVIRONMENT", *_terms(ENVIRONMENT), ".SH EXAMPLES", *_examples(taoxi), ".SH SEE ALSO", text(SEE)]
    return "\n".join(lines) + "\n"


def text(words: str) -> str:
    r"""Return words so that the formatter prints them as they are.

    >>> text("--jobs N\\x"), text(".profile")
    ('\\-\\-jobs N\\ex', '\\&.profile')
    """
    plain = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("…", "...")
    return f"\\&{plain}" if plain.startswith((".", "\\(aq")) else plain


def _command(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield f".SS {text(ctx.command_path)}"
    yield from _usage(command, ctx)
    yield ".PP"
    yield from _paragraphs(command.help)
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None and isinstance(param, click.Option):
            yield from _terms({record[0]: record[1]})
    if isinstance(command, Command):
        own = {
            str(int(code)): meaning
            for code, meaning in command.exit_codes.items()
            if code not in COMMON_CODES and EXIT_CODES.get(code) != meaning
        }
        if own:
            yield ".PP"
            yield "Exit status, where it says more than below:"
            yield from _terms(own)
    yield ".PP"
    yield from _examples(command)


def _usage(command: click.Command, ctx: click.Context) -> Iterator[str]:
    yield ".I " + text(" ".join(command.collect_usage_pieces(ctx)))


def _paragraphs(words: str | None) -> Iterator[str]:
    for number, paragraph in enumerate(_BREAKS.split((words or "").strip())):
        if number:
            yield ".PP"
        yield text(" ".join(paragraph.split()))


def _first(words: str | None) -> str:
    """Return the first sentence without its stop."""
    return " ".join((words or "").split()).partition(". ")[0].rstrip(".")


def _terms(terms: dict[str, str]) -> Iterator[str]:
    for term, meaning in terms.items():
        yield from (".TP", f".B {text(term)}", text(" ".join(meaning.split())))


def _examples(command: click.Command) -> Iterator[str]:
    yield ".EX"
    for line in (command.epilog or "").strip().splitlines():
        yield text(line)
    yield ".EE"


def main() -> None:
    """Write the page to the path that is given, or to its place in the checkout that is the working directory."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else PAGE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

"""The options of every command that say how it talks."""

from __future__ import annotations

import click

from taoxi.cli.log import Log, LogFormat
from taoxi.cli.params import Option, Word


def talk_options(group: str, *, quiet: str | None = "Say nothing but problems, alarms and errors.") -> list[Option]:
    """Return ``--quiet`` and ``--log-format``, under a heading of the help.

    Args:
        group: the heading.
        quiet: the help of ``--quiet``, None for a command that has none.
    """
    silent = [] if quiet is None else [Option("--quiet/--no-quiet", group=group, default=False, help=quiet)]
    return [
        *silent,
        Option(
            "--log-format",
            group=group,
            type=Word(LogFormat),
            default=LogFormat.TEXT.value,
            show_default=True,
            is_eager=True,
            callback=_style,
            help="Talk on standard error for a person, or as one JSON object a line for a program.",
        ),
    ]


def _style(ctx: click.Context, _param: click.Parameter, style: LogFormat) -> LogFormat:
    """Talk in the asked style from here on, so that a wrong option is reported in it too."""
    ctx.ensure_object(Log).style = style
    return style

"""The entry of the command line: the group, and what becomes of every way in which a command can end."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import re
import signal
import sys
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TextIO

import click

from taoxi.cli.clean import clean
from taoxi.cli.explain import explain
from taoxi.cli.log import Log, LogFormat, version
from taoxi.cli.look import look
from taoxi.cli.params import BROKEN_PIPE, TERMINATED, Group
from taoxi.cli.report import report
from taoxi.cli.restore import restore
from taoxi.cli.state import state
from taoxi.cli.text import on_terminal, say
from taoxi.cli.verify import verify
from taoxi.corpus.options import OutputError, UsageError
from taoxi.corpus.report import ExitCode

COMPLETION = "_TAOXI_COMPLETE"
"""The variable with which a shell asks for the words that fit, as click names it."""


MEANT = {
    "--threshold": "--similarity",
    "--output": "--out",
    "--ledger": "--removed",
    "--threads": "--jobs",
    "--workers": "--jobs",
    "--processes": "--jobs",
    "--force": "--overwrite",
    "--field": "--text-field",
    "dedup": "clean",
    "dedupe": "clean",
    "run": "clean",
    "inspect": "look",
    "check": "verify",
    "stats": "state",
    "undo": "restore",
    "why": "explain",
}
"""What other tools call our options and commands; by its letters alone --threshold would be --removed."""


class TerminatedError(KeyboardInterrupt):
    """The process was asked to end (SIGTERM)."""


def _terminate(_signal: int, _frame: object) -> None:
    raise TerminatedError


def _version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    """Print the version, and those of all that decides what texts become and which are told as copies."""
    if asked:
        from taoxi.corpus.state.stamps import stamps

        click.echo(f"taoxi {version() or '(not installed)'}")
        for name, stamp in stamps().items():
            click.echo(f"{name} {stamp}")
        ctx.exit()


EXAMPLES = """
taoxi look samples/raw
taoxi clean samples/raw -o out
taoxi explain out d443cd8c
"""


@click.group(
    cls=Group,
    invoke_without_command=True,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version, and those of rules and tables.",
)
@click.pass_context
def taoxi(ctx: click.Context) -> None:
    """Turn raw scrape dumps into a clean corpus without copies, with a ledger of everything removed."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(ExitCode.USAGE)


for _command in (clean, explain, look, report, restore, state, verify):
    taoxi.add_command(_command)


def _keep_memory() -> None:
    """Let glibc keep what is freed: each batch needs as much, and fresh pages cost more than some of the work on it."""
    with contextlib.suppress(OSError, AttributeError):  # another C library has no such settings
        settings = ctypes.CDLL(None).mallopt
        for parameter, value in ((-1, 1 << 30), (-3, 1 << 30)):  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
            settings(parameter, value)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    ``arguments`` are those of the process unless given. Whoever reads standard output or standard error may stop
    at any time; the command then ends without a word, as other tools in a pipe do.
    """
    if arguments is None:
        # Numba imports SciPy where there is one, for linear algebra that no kernel uses: a tenth of a second.
        sys.modules.setdefault("scipy", None)  # type: ignore[arg-type]
        # Arrow's own allocator gives memory back at once; the system's keeps it for the next batch.
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
        _keep_memory()
        # Whoever stops a service or a machine asks first: that is time enough to leave no half-written files.
        signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _main(list(sys.argv[1:] if arguments is None else arguments))
        for stream in _streams():
            stream.flush()
    except BrokenPipeError:
        _hush()
        code = BROKEN_PIPE
    if arguments is None and "duckdb" not in sys.modules:  # which complains of what it finds left
        gc.freeze()  # the process is over: searching all it loaded for garbage would take a fifth of a second
    return code


def _main(arguments: list[str]) -> int:
    """Run the command line; turn each error into its message and exit code."""
    instruction = os.environ.get(COMPLETION)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(taoxi, {}, "taoxi", COMPLETION, instruction)
    log = Log(_style(arguments))
    try:
        return _invoke(arguments, log)
    except UsageError as error:
        return log.fail(str(error), ExitCode.USAGE)
    except OutputError as error:
        return log.fail(str(error), ExitCode.OUTPUT)
    except KeyboardInterrupt as stop:
        asked = isinstance(stop, TerminatedError)
        if log.style is LogFormat.TEXT and on_terminal(sys.stderr) and not asked:
            say("")  # the terminal has just shown ^C without ending its line
        what, code = ("Terminated", TERMINATED) if asked else ("Interrupted", int(ExitCode.INTERRUPTED))
        return log.fail(f"{what} before it was done. Run the same command again.", code)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, Python's own exit code 1 would say "done"
        return log.defect(error)


def _invoke(arguments: list[str], log: Log) -> int:
    """Parse the arguments and run the command that they name.

    click's own ``main`` would do it, but answers interrupts, broken pipes and errors in its own words.
    """
    try:
        with taoxi.make_context("taoxi", arguments, obj=log) as ctx:
            return int(taoxi.invoke(ctx) or ExitCode.DONE)
    except click.exceptions.Exit as end:
        return int(end.exit_code)
    except click.ClickException as error:
        raise UsageError(_advise(error)) from error


def _style(arguments: list[str]) -> LogFormat:
    """Return the style in which to report arguments that click cannot parse, and so cannot say it."""
    asked = "--log-format=json" in arguments or ("--log-format", "json") in pairwise(arguments)
    return LogFormat.JSON if asked else LogFormat.TEXT


def _advise(error: click.ClickException) -> str:
    """Return click's message as a sentence that ends with the next step."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    command = "taoxi" if ctx is None else ctx.command_path
    # Click puts several suggestions into brackets.
    message = re.sub(r"\((Did you mean .*\?)\)$", r"\1", error.format_message())
    if isinstance(error, click.NoSuchOption) and ctx is not None:
        message = _meant(error.option_name, [name for param in ctx.command.params for name in param.opts]) or message
    elif isinstance(error, click.NoSuchCommand):
        message = _meant(error.command_name, taoxi.commands) or message
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See '{command} --help'."


def _meant(word: str, known: Collection[str]) -> str | None:
    """Return what to say of a word that other tools have for one of the known ones."""
    meant = MEANT.get(word)
    if meant not in known:
        return None
    return f"No such {'option' if word.startswith('-') else 'command'} {word!r}. Did you mean {meant!r}?"


def _streams() -> list[TextIO]:
    """Return the standard streams, but for those that were closed when the process was started."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _hush() -> None:
    """Send what a broken stream still holds nowhere, so that Python's last flush does not complain of it."""
    for stream in _streams():
        try:
            stream.flush()
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)

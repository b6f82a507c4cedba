"""How click reads and shows what taoxi's commands take: words, sizes, options in groups."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, TypeVar

import click

from taoxi.cli.text import parse_size
from taoxi.corpus.report import ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

DEFECT = 70
"""Exit code of a defect in taoxi itself, as in sysexits.h; Python's own 1 would say "done"."""

BROKEN_PIPE = 141
"""Exit code when nobody reads the output any more: what a shell reports of ``cat`` in the same place, 128 + SIGPIPE."""

TERMINATED = 143
"""Exit code when it was asked to end: 128 + SIGTERM."""

EXIT_CODES: dict[int, str] = {
    ExitCode.DONE: "done",
    ExitCode.UNREADABLE: "done, but some input could not be read (it is listed)",
    ExitCode.USAGE: "wrong usage, or an input that does not exist; nothing was written",
    ExitCode.GUARD: "done, but --strict met a source or site that lost an abnormal share of its documents",
    ExitCode.OUTPUT: "the output could not be written, or is damaged",
    ExitCode.INTERRUPTED: "interrupted",
    BROKEN_PIPE: "the reader of standard output or standard error went away",
    TERMINATED: "terminated (SIGTERM), as service managers do",
    DEFECT: "a defect in taoxi",
}
"""What each exit code of ``taoxi clean`` says, for the help and the reference."""

COMMON_CODES = {code: EXIT_CODES[code] for code in (ExitCode.INTERRUPTED, BROKEN_PIPE, DEFECT)}
"""Those that say the same of every command."""

LONGEST = 200
"""Characters of what the help says of a command in the list of all, which goes on where its line ends."""

_E = TypeVar("_E", bound=enum.StrEnum)


class Word(click.Choice[str]):
    """One word of an enumeration; the value is its member."""

    name = "word"

    def __init__(self, words: type[_E]) -> None:
        """Take the words from the values of ``words``."""
        super().__init__([word.value for word in words])
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's own signature
        """Return the member that ``value`` names."""
        return self.words(super().convert(str(value), param, ctx))


class Size(click.ParamType[int]):
    """A number of bytes, or a size such as ``256MB``; the value is the bytes."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's own signature
        """Return the bytes."""
        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def paths(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete names of files and folders."""
    from click.shell_completion import CompletionItem as Item

    return [Item(incomplete, type="file")]


def folders(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete names of folders."""
    from click.shell_completion import CompletionItem as Item

    return [Item(incomplete, type="dir")]


class Option(click.Option):
    """An option that stands under a heading of the help."""

    def __init__(self, *names: str, group: str, **settings: Any) -> None:  # noqa: ANN401 - passed on to click as it is
        """Take what click takes, and the heading."""
        super().__init__(names, **settings)
        self.group = group


class Command(click.Command):
    """A command whose help shows its options under headings and ends with the exit codes."""

    def __init__(self, name: str | None, *, exit_codes: dict[int, str] = EXIT_CODES, **settings: Any) -> None:  # noqa: ANN401 - passed on to click as it is
        """Take what click takes, and what each exit code of the command says."""
        super().__init__(name, **settings)
        self.exit_codes = exit_codes

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one section for each group in the order of their definition."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and not isinstance(param, click.Argument):
                group = param.group if isinstance(param, Option) else "Other"
                groups.setdefault(group, []).append(record)
        for group, records in groups.items():
            with formatter.section(group):
                formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the exit codes and, where there are any, the examples."""
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(int(code)), meaning) for code, meaning in self.exit_codes.items()])
        write_examples(self, formatter)


class Group(click.Group):
    """The group of all commands, whose help says of each what it does, in full, and ends with examples."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands; click would cut off what does not fit one line of the terminal."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(LONGEST)) for name, command in commands if command])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the examples."""
        write_examples(self, formatter)


def write_examples(command: click.Command, formatter: click.HelpFormatter) -> None:
    """Write the examples of a command, one a line, if it has any."""
    if command.epilog:
        with formatter.section("Examples"):
            for line in command.epilog.strip().splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def word_of(param: click.Parameter) -> str:
    """Return the word of a parameter: its long option without the dashes, or the name of an argument.

    It is the key in a configuration file too.
    """
    return next((name[2:] for name in param.opts if name.startswith("--")), param.name or "")

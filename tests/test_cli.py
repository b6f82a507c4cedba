"""The command line: what it hands to the library, what it answers, how it ends."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from taoxi import corpus
from taoxi.cli import params, reference
from taoxi.cli.clean import clean
from taoxi.cli.main import main
from taoxi.corpus.options import InputFormat, Keep, Options, OutputError, Passages, To, UsageError, Width
from taoxi.corpus.report import ExitCode, Listener, Report
from taoxi.normalize.sources import MissingInputError

ROOT = Path(__file__).parent.parent
CLI_ONLY = {"config", "quiet", "log_format"}
HEAVY = {"numpy", "numba", "pyarrow", "rich", "chardet", "orjson", "datasketch", "importlib.metadata", "tomllib"}

REPORT = Report(
    out="out",
    run=1,
    news=True,
    sources=1,
    unchanged=0,
    documents=2,
    kept=1,
    removed={"exact": 1},
    cut={},
    changes={},
    characters=20,
    characters_kept=10,
    encodings={"utf-8": 1},
    bytes=40,
    seconds=0.5,
    problems=(),
    alarms=(),
    strict=False,
)


class Library:
    """Stands in for ``taoxi.corpus.clean``: keeps the options, then reports or raises."""

    def __init__(self) -> None:
        """Report the usual unless told otherwise."""
        self.answer: Report | BaseException = REPORT
        self.options: list[Options] = []

    def __call__(self, options: Options, *, listener: Listener | None = None) -> Report:
        """Do as told."""
        assert listener is not None
        self.options.append(options)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """Return a stand-in for the library."""
    stand_in = Library()
    monkeypatch.setitem(corpus.__dict__, "clean", stand_in)
    return stand_in


def test_every_option_of_the_library_is_one_of_the_command_and_no_other() -> None:
    """One word per rule: the two sets are the same but for what only a command needs."""
    assert {param.name for param in clean.params} - CLI_ONLY == {field.name for field in fields(Options)}


def test_the_word_of_an_option_is_its_name_in_the_library() -> None:
    """``text_field`` is ``--text-field`` and nothing else."""
    assert {params.word_of(param).replace("-", "_") for param in clean.params} == {p.name for p in clean.params}


def test_the_defaults_are_those_of_the_library(library: Library) -> None:
    """Nothing said on the command line leaves everything to the library but the processes: one per core."""
    assert main(["clean", "a", "b", "-o", "out"]) == ExitCode.DONE
    assert library.options == [Options(inputs=("a", "b"), out="out", jobs=0)]


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("--width full", "width", Width.FULL),
        ("--split none", "split", "none"),
        ("--similarity 0.8", "similarity", 0.8),
        ("--keep first", "keep", Keep.FIRST),
        ("--passages cut", "passages", Passages.CUT),
        ("--to text", "to", To.TEXT),
        ("--overwrite", "overwrite", True),
        ("--format csv", "format", InputFormat.CSV),
        ("--text-field body", "text_field", "body"),
        ("--jobs 2", "jobs", 2),
        ("--strict", "strict", True),
        ("--max-record 1.5m", "max_record", 3 << 19),
        ("--max-record 4KiB", "max_record", 4096),
        ("--batch-bytes 77", "batch_bytes", 77),
    ],
)
def test_an_option_reaches_the_library(library: Library, words: str, name: str, value: object) -> None:
    """Each word arrives under its own name, as the type that the library wants."""
    main(["clean", "in", "-o", "out", *words.split()])
    (options,) = library.options
    assert getattr(options, name) == value
    assert type(getattr(options, name)) is type(value)


def test_a_single_file_may_have_a_ledger(library: Library) -> None:
    """``--removed`` belongs to standard output and single files."""
    main(["clean", "-", "-o", "-", "--removed", "gone.jsonl"])
    assert library.options == [Options(inputs=("-",), out="-", removed="gone.jsonl", jobs=0)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("clean -o out", "No input was named. Name files, folders or globs, or - for standard input."),
        ("clean in", "No output was named. Give -o a folder, a file, or - for standard output."),
        ("clean in -o out --width wide", "Invalid value for '--width': 'wide' is not one of 'half', 'full', 'keep'."),
        ("clean in -o out --jobs two", "Invalid value for '--jobs': 'two' is not a valid integer."),
        (
            "clean in -o out --max-record 2X",
            "Invalid value for '--max-record': '2X' is not a size; write a number of bytes or a size such as 256MB.",
        ),
    ],
)
def test_wrong_usage_is_one_line_that_says_what_to_do(
    library: Library, capsys: pytest.CaptureFixture[str], words: str, message: str
) -> None:
    """Wrong usage exits with 2, before the library is called."""
    assert main(words.split()) == ExitCode.USAGE
    advice = " See 'taoxi clean --help'." if message.startswith("Invalid") else ""
    assert capsys.readouterr() == ("", f"taoxi: {message}{advice}\n")
    assert library.options == []


@pytest.mark.usefixtures("library")
def test_a_mistyped_option_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever mistypes wants the right word, not the whole help."""
    assert main(["clean", "in", "-o", "out", "--passges", "cut"]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        "taoxi: No such option '--passges'. Did you mean one of: '--passages', '--templates'?"
        " See 'taoxi clean --help'.\n"
    )


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UsageError("No. Do that."), ExitCode.USAGE, "No. Do that."),
        (OutputError("The disk is full. Free some."), ExitCode.OUTPUT, "The disk is full. Free some."),
        (
            KeyboardInterrupt(),
            ExitCode.INTERRUPTED,
            "Interrupted before it was done. Run the same command again.",
        ),
    ],
)
def test_each_error_has_its_exit_code(
    library: Library, capsys: pytest.CaptureFixture[str], error: BaseException, code: int, message: str
) -> None:
    """The message of the library is what a person reads."""
    library.answer = error
    assert main(["clean", "in", "-o", "out"]) == code
    assert capsys.readouterr() == ("", f"taoxi: {message}\n")


def test_a_missing_input_is_wrong_usage(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that does not exist is a mistake of the command, not of the data."""
    library.answer = MissingInputError("gone.txt does not exist. Correct the path.")
    assert main(["clean", "gone.txt", "-o", "out"]) == ExitCode.USAGE
    assert capsys.readouterr() == ("", "taoxi: gone.txt does not exist. Correct the path.\n")


def test_a_defect_never_looks_like_success(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that nobody foresaw has its own exit code: 1 would say that the output is there."""
    library.answer = ZeroDivisionError("\x1b[2J")
    assert main(["clean", "in", "-o", "out"]) == params.DEFECT
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == (
        r"taoxi: A defect in taoxi stopped it (ZeroDivisionError: \x1b[2J). Report it with the traceback."
    )


def test_the_exit_codes_of_a_run_are_documented() -> None:
    """The help names each code that the library knows."""
    assert set(ExitCode) <= set(params.EXIT_CODES)


def test_nothing_to_do_shows_the_help_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A bare ``taoxi`` in a script must not pass for success."""
    assert main([]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert (out, err.splitlines()[0]) == ("", "Usage: taoxi [OPTIONS] [COMMAND] [ARGS]...")


@pytest.mark.parametrize("words", [["--help"], ["clean", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """Help is instant because what takes long to import waits for the command."""
    code = "import sys; from taoxi.cli.main import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Usage: taoxi")
    assert HEAVY & set(done.stderr.split()) == set()


def test_the_list_of_commands_says_in_full_what_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    """On a narrow terminal a sentence goes on in the next line; ``-h`` asks for it too."""
    assert main(["-h"]) == ExitCode.DONE
    said = " ".join(capsys.readouterr().out.split())
    assert "report.html" not in said
    assert "explain Say where a text came from and what was changed in it, or why it was removed. look" in said
    assert "..." not in said.partition(" Commands: ")[2]


def test_the_module_runs_as_the_command_does() -> None:
    """``python -m taoxi.cli`` needs no script on the path."""
    done = subprocess.run([sys.executable, "-m", "taoxi.cli", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("taoxi ")


def test_the_reference_is_current() -> None:
    """docs/cli.md is what ``python -m taoxi.cli.reference`` would write."""
    assert (ROOT / reference.PAGE).read_text(encoding="utf-8") == reference.page()

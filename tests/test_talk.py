"""What the command says on standard error: for a person and for a program."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from taoxi.cli import reference
from taoxi.cli.log import Log, LogFormat
from taoxi.cli.main import main
from taoxi.cli.progress import Bars
from taoxi.cli.summary import LISTED
from taoxi.corpus.complaints import About, Complaint, Kind, Remark, Verification
from taoxi.corpus.options import Options
from taoxi.corpus.report import Alarm, ExitCode, Phase, Progress, Report
from taoxi.normalize.model import Problem

FOLDER = Options(inputs=("dumps",), out="out")
PROBLEM = Problem("a.gz", "The stream ends early. Fetch it again.", 1234)
ALARM = Alarm("example.org", 200, 190)

REPORT = Report(
    out="out",
    run=1,
    news=True,
    sources=3,
    unchanged=0,
    documents=1200,
    kept=900,
    removed={"near": 100, "exact": 200, "contained": 0},
    cut={"separator/delimiter": 16},
    changes={"width": 5},
    characters=1_000_000,
    characters_kept=765_000,
    encodings={"utf-8": 1, "gb18030": 2},
    bytes=3_000_000,
    seconds=1.5,
    problems=(),
    alarms=(),
    strict=False,
)

FOUND = Verification(
    out="out",
    runs=1,
    files=3,
    bytes=3_000_000,
    rows=2000,
    documents=1200,
    pieces=16,
    sources=3,
    replayed=2,
    gone=1,
    changed=0,
    piped=0,
    unread=0,
    seconds=1.5,
    complaints=(Complaint(Kind.ID, "corpus/000001-00000.parquet", "No. Do that.", 3, "ab" * 16),),
    complained={"id": 1},
    remarks=(Remark(About.GONE, "a.gz is not there any more."),),
    remarked={"gone": 1},
)

FIGURES = """\
sources                        3    3.0 MB
  gb18030                      2
  utf-8                        1
documents                  1,200
  kept                       900     75.0%
  removed: exact             200     16.7%
  removed: near              100      8.3%
pieces cut                    16
  separator/delimiter         16
characters             1,000,000
  kept                   765,000     76.5%
problems                       0
time                       1.5 s  2.0 MB/s
"""

PAGE = "open out/report.html, which shows what went at each step and why, with samples beside the kept texts."
LEDGER = "look through out/removed, which gives for each removed text the reason and the kept text it repeats."


def told(capsys: pytest.CaptureFixture[str], report: Report, options: Options = FOLDER, *, quiet: bool = False) -> str:
    """Return what a person is told at the end of a run."""
    log = Log()
    log.quiet = quiet
    log.summary(report, options)
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_the_summary_gives_all_figures_and_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """Off a terminal the summary is plain aligned text."""
    assert told(capsys, REPORT) == (
        f"{FIGURES}The corpus is in out/corpus, the ledger of what was removed in out/removed.\nNext: {PAGE}\n"
    )


def test_a_run_without_anything_has_a_summary_too(capsys: pytest.CaptureFixture[str]) -> None:
    """No documents, no characters, no time: nothing is divided by them."""
    empty = replace(REPORT, documents=0, kept=0, removed={}, cut={}, characters=0, characters_kept=0, seconds=0.0)
    assert "\ndocuments" in told(capsys, empty)


@pytest.mark.parametrize(
    ("options", "where", "then"),
    [
        (
            Options(inputs=("a",), out="-"),
            "The corpus went to standard output.",
            "run again with --removed FILE to see what was removed and why.",
        ),
        (
            Options(inputs=("a",), out="x.jsonl", removed="gone.jsonl"),
            "The corpus is in x.jsonl, the ledger of what was removed is in gone.jsonl.",
            LEDGER.replace("out/removed", "gone.jsonl"),
        ),
        (
            Options(inputs=("a",), out="x.jsonl", report="x.html"),
            "The corpus is in x.jsonl.",
            PAGE.replace("out/report.html", "x.html"),
        ),
    ],
)
def test_the_summary_ends_with_where_the_output_is(
    capsys: pytest.CaptureFixture[str], options: Options, where: str, then: str
) -> None:
    """The next step depends on what was asked for."""
    assert told(capsys, replace(REPORT, out=options.out), options).endswith(f"{where}\nNext: {then}\n")


def test_problems_are_listed_and_come_first_in_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """What could not be read is shown with its place; the advice knows whether ``--overwrite`` was given."""
    report = replace(REPORT, problems=(PROBLEM,), alarms=(ALARM,))
    listed = (
        "1 problem:\n"
        "  a.gz at byte 1,234: The stream ends early. Fetch it again.\n"
        "1 alarm:\n"
        "  example.org: 190 of 200 documents were removed. Look at its rows in the ledger before you trust this run.\n"
    )
    where = "The corpus is in out/corpus, the ledger of what was removed in out/removed.\n"
    figures = FIGURES.replace("problems                       0", "problems                       1")
    step = "Next: mend or leave out the inputs listed above, then run again"
    page = " What went of the others is on out/report.html."
    assert told(capsys, report) == f"{figures}{listed}{where}{step} with --overwrite.{page}\n"
    assert told(capsys, report, replace(FOLDER, overwrite=True)).endswith(f"{step}.{page}\n")
    assert told(capsys, report, Options(inputs=("a",), out="-")).endswith(f"{step}.\n")
    assert told(capsys, report, quiet=True) == listed


def test_quiet_says_nothing_of_a_good_run(capsys: pytest.CaptureFixture[str]) -> None:
    """No news is good news."""
    assert told(capsys, REPORT, quiet=True) == ""


@pytest.mark.parametrize(
    ("out", "where"), [("out/", "all are in out/sources"), ("x.jsonl", "--log-format json gives all")]
)
def test_a_long_list_is_cut_short(capsys: pytest.CaptureFixture[str], out: str, where: str) -> None:
    """Ten thousand bad files do not push the figures off the screen."""
    report = replace(REPORT, out=out, problems=(PROBLEM,) * (LISTED + 1500))
    lines = told(capsys, report, replace(FOLDER, out=out), quiet=True).splitlines()
    assert (len(lines), lines[0], lines[-1]) == (LISTED + 2, "1,520 problems:", f"  and 1,500 more ({where})")


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]0;pwned\x07", r"\x1b]0;pwned\x07"),
        ("a\r\nb\x9b2J", r"a\r\nb\x9b2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\udcff.txt", r"\udcff.txt"),
        ("[bold]淘洗[/bold] :smile:", "[bold]淘洗[/bold] :smile:"),
    ],
)
def test_names_and_messages_are_shown_and_not_obeyed(
    capsys: pytest.CaptureFixture[str], hostile: str, shown: str
) -> None:
    """A file name is data: no terminal sequence, no second line, no markup."""
    report = replace(
        REPORT, problems=(Problem(hostile, hostile),), alarms=(Alarm(hostile, 2, 2),), encodings={hostile: 1}
    )
    err = told(capsys, report)
    assert err.count(shown) == 4
    assert all(character.isprintable() or character == "\n" for character in err)


def test_json_has_one_object_a_line_with_the_documented_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """The reference lists exactly what is written, in its order."""
    log = Log(LogFormat.JSON)
    log.start(FOLDER)
    for phase in (Phase.READ, Phase.READ, Phase.JUDGE):
        log.listen(Progress(phase, 1, 2, 3))
    log.listen(replace(PROBLEM, source="\udcff\x9b"))
    log.listen(ALARM)
    log.listen(Remark(About.GONE, "a.gz is not there any more."))
    log.listen(Complaint(Kind.ID, "corpus/000001-00000.parquet", "No. Do that.", 3))
    log.summary(replace(REPORT, problems=(PROBLEM,), alarms=(ALARM,)), FOLDER)
    log.verified(FOUND)
    log.fail("No. Do that.", ExitCode.OUTPUT)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.isascii()
    events = [json.loads(line) for line in err.splitlines()]
    names = ["start", "phase", "phase", "problem", "alarm", "notice", "complaint", "summary", "verification", "error"]
    assert [event["event"] for event in events] == names
    assert {event.pop("event"): list(event) for event in events} == {
        name: list(keys) for name, (_, keys) in reference.KEYS.items()
    }
    assert events[1] == {"phase": "read", "total": 2}
    assert events[3] == {
        "source": "\udcff\x9b",
        "member": None,
        "byte": 1234,
        "message": "The stream ends early. Fetch it again.",
    }
    assert (events[7]["exit_code"], events[7]["problems"], events[7]["seconds"]) == (1, 1, 1.5)
    assert (events[8]["exit_code"], events[8]["complaints"], events[8]["notices"]) == (4, {"id": 1}, {"gone": 1})


def test_the_end_of_a_verification_gives_all_figures_and_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    """What does not hold comes before what could not be checked; ``--quiet`` leaves the former."""
    log = Log()
    log.verified(FOUND)
    complaint = f"1 complaint:\n  corpus/000001-00000.parquet, row 3, id {'ab' * 16}: No. Do that.\n"
    assert capsys.readouterr().err == (
        "runs              1\n"
        "files             3    3.0 MB\n"
        "rows          2,000\n"
        "documents     1,200\n"
        "pieces           16\n"
        "sources           3\n"
        "  read again      2\n"
        "  gone            1\n"
        "complaints        1\n"
        "  id              1\n"
        "time          1.5 s  2.0 MB/s\n"
        f"{complaint}"
        "1 notice:\n  a.gz is not there any more.\n"
        "Next: restore the files named above from a backup and verify again,"
        " or clean the sources into another folder.\n"
    )
    log.quiet = True
    log.verified(FOUND)
    assert capsys.readouterr().err == complaint


@pytest.mark.parametrize(
    ("change", "closing"),
    [
        ({"gone": 0, "remarked": {}}, "All holds: every document was read again from its source, and is the same."),
        ({}, "All holds that could be checked."),
        ({"gone": 0, "remarked": {"unchecked": 1}}, "All holds that could be checked."),
        ({"gone": 0, "remarked": {"text": 1}}, "All holds that could be checked of plain text."),
    ],
)
def test_a_verification_never_claims_more_than_it_did(
    capsys: pytest.CaptureFixture[str], change: dict[str, Any], closing: str
) -> None:
    """The last line depends on what could not be checked."""
    Log().verified(replace(FOUND, complaints=(), complained={}, **change))
    assert capsys.readouterr().err.splitlines()[-1] == closing


def test_quiet_json_leaves_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    """A job that only wants to be woken reads nothing of a good run."""
    log = Log(LogFormat.JSON)
    log.quiet = True
    log.start(FOLDER)
    log.listen(Progress(Phase.READ, 1, 2, 3))
    log.summary(REPORT, FOLDER)
    assert capsys.readouterr().err == ""
    log.listen(ALARM)
    assert (
        capsys.readouterr().err
        == '{"event": "alarm", "name": "example.org", "documents": 200, "removed": 190, "lost": "documents"}\n'
    )


@pytest.mark.parametrize("words", [["--log-format", "json"], ["--log-format=json"]])
def test_even_an_unknown_option_is_reported_in_json(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """A program that reads the log can read why nothing ran."""
    assert main(["clean", *words, "--nonsense"]) == ExitCode.USAGE
    error = json.loads(capsys.readouterr().err)
    assert (error["event"], error["exit_code"]) == ("error", 2)


def test_bars_follow_the_phases_and_vanish() -> None:
    """Bytes while reading, documents after it, and nothing left at the end; an unknown total is no obstacle."""
    screen = io.StringIO()
    bars = Bars(Console(file=screen, force_terminal=True, width=100))
    bars.move(Progress(Phase.READ, 5_000_000, None, 7))
    bars.move(Progress(Phase.JUDGE, 1000, 2000, 1000))
    bars.move(Progress(Phase.WRITE, 10, 2000, 10))
    bars.close()
    shown = screen.getvalue()
    for words in ("read", "5.0 MB, 7 documents", "judge", "1,000 documents", "write"):
        assert words in shown
    assert shown.endswith("\x1b[2K")

"""The command as a real process: pipes, signals, terminals, closed streams."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from taoxi.cli.params import BROKEN_PIPE
from taoxi.corpus.report import ExitCode
from tests.support import on_terminal

needs_library = pytest.mark.skipif(importlib.util.find_spec("taoxi.corpus.run") is None, reason="no taoxi.corpus.run")

PROCESS = """
import sys, time
from taoxi import corpus
from taoxi.corpus.report import Phase, Progress, Report

def run(options, *, listener):
    {body}
    return Report(
        out="out", run=1, news=True, sources=1, unchanged=0,
        documents=2, kept=1, removed={{"exact": 1}}, cut={{}}, changes={{}}, characters=20,
        characters_kept=10, encodings={{"utf-8": 1}}, bytes=40, seconds=0.5, problems=(), alarms=(), strict=False,
    )

corpus.clean = run
from taoxi.cli.main import main
sys.exit(main())
"""
"""A process whose library is one line: what the line does is what happens while the library runs."""

MOVE = "listener(Progress(Phase.READ, 1000000, 2000000, 1234)); time.sleep(0.3)"


def script(body: str, *words: str) -> list[str]:
    """Return the command of a process whose library runs ``body``."""
    return [sys.executable, "-c", PROCESS.format(body=body), "clean", "in", *words]


def test_a_reader_that_goes_away_ends_the_command_without_a_word() -> None:
    """``taoxi … | head -1`` is not an error to talk about."""
    body = "[sys.stdout.write('x' * 99 + '\\n') for _ in range(99999)]"
    with subprocess.Popen(script(body, "-o", "-"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == BROKEN_PIPE


def test_a_log_that_goes_away_ends_the_command_without_a_word() -> None:
    """The same holds for standard error."""
    with subprocess.Popen(script("time.sleep(0.2)", "-o", "out"), stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.close()
    assert process.returncode == BROKEN_PIPE


def test_standard_streams_may_be_closed() -> None:
    """A job that was started without standard streams runs all the same."""
    command = 'exec "$@" >&- 2>&-'
    done = subprocess.run(["sh", "-c", command, "sh", *script("pass", "-o", "out")], check=False)  # noqa: S607
    assert done.returncode == ExitCode.DONE


def test_ctrl_c_ends_with_130_and_one_line() -> None:
    """An interrupt is no defect: no traceback."""
    body = "listener(Progress(Phase.READ, 1, 2, 3)); print('.', flush=True); time.sleep(60)"
    command = script(body, "-o", "out")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b"taoxi: Interrupted before it was done. Run the same command again.\n"
    assert process.returncode == ExitCode.INTERRUPTED


def test_bars_move_on_a_terminal() -> None:
    """A person sees the phase, the bytes, the documents."""
    shown = on_terminal(script(MOVE, "-o", "out"))
    assert "read" in shown
    assert "1.0 of 2.0 MB, 1,234 documents" in shown
    assert "Next: open out/report.html" in shown


@pytest.mark.parametrize("words", [["--quiet"], ["--log-format", "json"]])
def test_no_bars_where_nobody_wants_them(words: list[str]) -> None:
    """Neither quiet nor JSON shows bars, not even on a terminal."""
    assert "of 2.0 MB" not in on_terminal(script(MOVE, "-o", "out", *words))


def test_no_bars_off_a_terminal() -> None:
    """A log file holds no bars and no terminal sequences, and standard output nothing at all."""
    done = subprocess.run(script(MOVE, "-o", "out"), capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "\x1b" not in done.stderr
    assert "MB of" not in done.stderr


@needs_library
def test_a_real_run_ends_with_its_figures(tmp_path: Path) -> None:
    """From files to a folder, through nothing but the command."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text(
            "淘洗是把矿砂放在水里摇动,让杂质流走,把金子留下来。" * 3, encoding="utf-8"
        )
    command = [sys.executable, "-m", "taoxi.cli", "clean", "a.txt", "b.txt", "-o", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.DONE, "")
    assert "documents" in done.stderr
    assert done.stderr.endswith(
        "The corpus is in out/corpus, the ledger of what was removed in out/removed.\n"
        "Next: open out/report.html, which shows what went at each step and why, with samples beside the kept texts.\n"
    )


@needs_library
def test_a_real_missing_input_is_wrong_usage(tmp_path: Path) -> None:
    """A path that does not exist exits with 2 and writes nothing."""
    command = [sys.executable, "-m", "taoxi.cli", "clean", "gone.txt", "-o", "out"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert "gone.txt" in done.stderr
    assert list(tmp_path.iterdir()) == []

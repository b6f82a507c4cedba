"""What makes the command line pleasant: completion, the manual, examples that run, bars that fit."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from rich.cells import cell_len
from rich.console import Console

from taoxi.cli import manual
from taoxi.cli.main import main, taoxi
from taoxi.cli.progress import Bars, resident
from taoxi.cli.summary import aligned
from taoxi.cli.tables import fitted
from taoxi.corpus.report import Phase, Progress
from taoxi.corpus.state.stamps import stamps
from tests.support import on_terminal

ROOT = Path(__file__).parent.parent
COMMANDS = [taoxi, *taoxi.commands.values()]


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which ``taoxi`` and ``python`` are those under test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, words in (("taoxi", "-m taoxi.cli "), ("python", "")):
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {words}"$@"\n', encoding="utf-8")
        script.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


@pytest.mark.skipif(shutil.which("bash") is None, reason="There is no bash here.")
@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["taoxi", "lo"], {"look"}),
        (["taoxi", "clean", "--sim"], {"--similarity"}),
        (["taoxi", "clean", "--width", ""], {"half", "full", "keep"}),
        (["taoxi", "look", "--without", "foo"], {"footer"}),
        (["taoxi", "restore", "out", "--reason", "ne"], {"near"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bash_completes_commands_options_and_words(shell: dict[str, str], words: list[str], found: set[str]) -> None:
    """The line of the page makes bash ask the command itself."""
    script = (
        'eval "$(_TAOXI_COMPLETE=bash_source taoxi)"\n'
        f"COMP_WORDS=({' '.join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}\n"
        '_taoxi_completion taoxi\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(["bash", "-c", script], env=shell, capture_output=True, text=True, check=False)  # noqa: S607
    assert set(done.stdout.split()) == found, done.stderr


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["taoxi", "clean", "sam"], "file"),
        (["taoxi", "clean", "a", "--out", "o"], "file"),
        (["taoxi", "look", "sam"], "file"),
        (["taoxi", "explain", "o"], "dir"),
        (["taoxi", "state", "o"], "dir"),
        (["taoxi", "verify", "o"], "dir"),
        (["taoxi", "restore", "o"], "dir"),
    ],
    ids=" ".join,
)
def test_inputs_are_completed_as_files_and_outputs_as_folders(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], kind: str
) -> None:
    """Without that a shell would offer nothing where a path is wanted."""
    monkeypatch.setenv("_TAOXI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    main([])
    assert capsys.readouterr().out.split(",")[0] == kind


@pytest.mark.parametrize("shell_name", ["bash", "zsh", "fish"])
def test_the_page_says_how_to_switch_completion_on(shell_name: str) -> None:
    """The line for each shell is on the page, in the words that the command listens to."""
    page = (ROOT / "docs" / "shell.md").read_text(encoding="utf-8")
    assert f"_TAOXI_COMPLETE={shell_name}_source taoxi" in page


def test_the_version_names_all_that_decides_what_is_a_copy(capsys: pytest.CaptureFixture[str]) -> None:
    """Two machines whose lines are the same tell the same copies."""
    assert main(["--version"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("taoxi ")
    assert dict(line.split() for line in lines) == stamps()


def test_the_manual_is_current() -> None:
    """man/taoxi.1 is what ``python -m taoxi.cli.manual`` would write."""
    assert (ROOT / manual.PAGE).read_text(encoding="utf-8") == manual.page()


def test_the_manual_has_every_command_and_option() -> None:
    """Whoever reads it alone misses nothing."""
    page = manual.page().replace("\\-", "-")
    for name, command in taoxi.commands.items():
        assert f".SS taoxi {name}" in page
        options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
        for param in options:
            assert param.opts[-1] in page


@pytest.mark.skipif(shutil.which("groff") is None, reason="There is no groff here.")
def test_the_manual_is_set_without_a_warning() -> None:
    """No line of it is taken for a request."""
    command = ["groff", "-man", "-ww", "-Tutf8", str(ROOT / manual.PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "taoxi clean" in re.sub(r".\x08|\x1b\[[0-9;]*m", "", done.stdout)


def test_every_help_ends_with_examples_that_run(
    shell: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder with the samples, each line runs as it stands, in the order in which one needs the other."""
    assert all(command.epilog for command in COMMANDS)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "samples" / "raw", tmp_path / "samples" / "raw")
    first, last = ["look", "clean", "explain", "verify", "state"], ["restore"]
    order = [*first, *(name for name in taoxi.commands if name not in {*first, *last}), *last]
    for name in order:
        for line in (taoxi.commands[name].epilog or "").strip().splitlines():
            if any(sign in line for sign in "|<>"):
                code = subprocess.run(["bash", "-c", line], env=shell, check=False, capture_output=True).returncode  # noqa: S607
            else:
                code = main(shlex.split(line)[1:])
            assert code in {0, 1}, line  # 1: some of the samples cannot be read, on purpose
    known = {line for name in order for line in (taoxi.commands[name].epilog or "").strip().splitlines()}
    assert set((taoxi.epilog or "").strip().splitlines()) <= known


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["loook", "x"], "No such command 'loook'. Did you mean 'look'? See 'taoxi --help'."),
        (["dedup", "x"], "No such command 'dedup'. Did you mean 'clean'? See 'taoxi --help'."),
        (
            ["clean", "--threshold", "1"],
            "No such option '--threshold'. Did you mean '--similarity'? See 'taoxi clean --help'.",
        ),
        (["state", "--threshold"], "No such option '--threshold'. Did you mean '--rebuild'? See 'taoxi state --help'."),
        (["state", "--rebiuld"], "No such option '--rebiuld'. Did you mean '--rebuild'? See 'taoxi state --help'."),
    ],
)
def test_whoever_mistypes_is_told_the_nearest(
    capsys: pytest.CaptureFixture[str], words: list[str], advice: str
) -> None:
    """Commands and options alike."""
    assert main(words) == 2
    assert capsys.readouterr().err == f"taoxi: {advice}\n"


@pytest.mark.parametrize("total", [122_900_000, 12_500_000_000])
def test_bars_fit_a_terminal_of_80_columns(total: int) -> None:
    """Each phase is one line, whatever the numbers are."""
    screen = io.StringIO()
    bars = Bars(Console(file=screen, force_terminal=True, width=80, no_color=True))
    bars.move(Progress(Phase.READ, 0, total, 0))
    bars.move(Progress(Phase.READ, total // 2, total, 4_250_000))
    bars.move(Progress(Phase.JUDGE, 1_000_000, 4_250_000, 1_000_000))
    bars._progress.refresh()  # noqa: SLF001 - as the clock would
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue().rpartition("\r")[2])
    bars.close()
    lines = [line for line in last.splitlines() if line.strip()]
    assert [line.split()[0] for line in lines] == ["read", "judge"] or lines[0].startswith("judge")
    assert all(cell_len(line) <= 80 for line in lines)
    assert "4,250,000 documents" in screen.getvalue()


def test_memory_is_that_of_the_process() -> None:
    """Some megabytes are there, and with what is taken it grows; where nobody tells, it is 0."""
    before = resident()
    if not before:
        pytest.skip("This system does not tell.")
    held = bytearray(b"x" * (64 << 20))
    assert resident() - before > 32 << 20
    assert len(held) == 64 << 20


def test_columns_line_up_under_chinese() -> None:
    """A character that takes two columns counts as two, and a cut never takes half of it."""
    lines = aligned([("全省营商环境", "1"), ("a", "22"), (fitted("积极争创全国营商环境创新试点城市", 11), "3")])
    assert {cell_len(line) for line in lines} == {16}
    assert fitted("积极争创", 5) == "积极…"


@pytest.mark.parametrize("words", [["look", "samples/raw"], ["clean", "samples/raw", "-o", "out"]])
def test_without_a_terminal_nothing_moves_and_nothing_is_coloured(words: list[str], tmp_path: Path) -> None:
    """In cron and in a pipe there is no bar and no escape sequence."""
    shutil.copytree(ROOT / "samples" / "raw", tmp_path / "samples" / "raw")
    command = [sys.executable, "-m", "taoxi.cli", *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr
    assert "━" not in (done.stdout + done.stderr).decode()


@pytest.mark.skipif(sys.platform == "win32", reason="There are no pseudo-terminals.")
def test_no_color_is_respected_on_a_terminal(tmp_path: Path) -> None:
    """With NO_COLOR a terminal gets no colour; bold and dim are none."""
    shutil.copytree(ROOT / "samples" / "raw", tmp_path / "samples" / "raw")
    command = [sys.executable, "-m", "taoxi.cli", "look", "samples/raw", "--quiet"]
    shown = on_terminal(command, "stdout", cwd=tmp_path, NO_COLOR="1", TERM="xterm-256color", COLUMNS="80")
    assert "Next: taoxi clean" in shown
    assert not re.search(r"\x1b\[[0-9;]*(?:3[0-7]|9[0-7]|38|48)[;m]", shown)

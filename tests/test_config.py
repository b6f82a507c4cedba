"""Configuration files: the words of the command line, checked as strictly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest

from taoxi.cli.clean import clean
from taoxi.cli.config import keys, load
from taoxi.cli.main import main
from taoxi.corpus.options import InputFormat, Keep, Options, Passages, UsageError, Width
from taoxi.corpus.report import ExitCode

CONTEXT = click.Context(clean)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return a function that writes a file ``run.toml`` into the working directory and returns its path."""
    monkeypatch.chdir(tmp_path)

    def write(content: str) -> str:
        (tmp_path / "run.toml").write_text(content, encoding="utf-8")
        return "run.toml"

    return write


def parsed(*words: str) -> dict[str, Any]:
    """Return what the command understands of ``words``."""
    return clean.make_context("clean", list(words)).params


def test_the_keys_are_the_words_of_the_command_line() -> None:
    """Everything but ``--config`` itself may stand in a file."""
    words = {field.name.replace("_", "-") for field in fields(Options)}
    assert set(keys(clean)) == words | {"quiet", "log-format"}


def test_every_key_is_taken(config: Callable[[str], str]) -> None:
    """A file may hold a whole run."""
    path = config(
        """
        inputs = ["a", "b"]
        out = "x.jsonl"
        removed = "gone.jsonl"
        overwrite = true
        format = "jsonl"
        text-field = "body"
        max-record = "1MB"
        batch-bytes = 4096
        width = "full"
        split = "none"
        similarity = 1
        keep = "first"
        passages = "cut"
        jobs = 3
        strict = true
        quiet = true
        log-format = "json"
        """
    )
    params = parsed("--config", path)
    options = Options(**{field.name: params[field.name] for field in fields(Options)})
    assert options == Options(
        inputs=("a", "b"),
        out="x.jsonl",
        removed="gone.jsonl",
        overwrite=True,
        format=InputFormat.JSONL,
        text_field="body",
        max_record=1 << 20,
        batch_bytes=4096,
        width=Width.FULL,
        split="none",
        similarity=1.0,
        keep=Keep.FIRST,
        passages=Passages.CUT,
        jobs=3,
        strict=True,
    )
    assert (params["quiet"], params["log_format"]) == (True, "json")


@pytest.mark.parametrize("before", [True, False])
def test_the_command_line_wins(config: Callable[[str], str], before: bool) -> None:  # noqa: FBT001 - a case
    """Wherever ``--config`` stands, what is typed counts; flags have a word that takes them back."""
    path = config('inputs = ["a"]\nwidth = "full"\nstrict = true\nquiet = true\nsimilarity = 0.9\nlog-format = "json"')
    typed = ["b", "--width", "keep", "--no-strict", "--no-quiet", "--log-format", "text"]
    params = parsed(*(["--config", path, *typed] if before else [*typed, "--config", path]))
    assert {name: params[name] for name in ("inputs", "width", "strict", "quiet", "similarity", "log_format")} == {
        "inputs": ("b",),
        "width": "keep",
        "strict": False,
        "quiet": False,
        "similarity": 0.9,
        "log_format": "text",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("widht = 'full'", 'There is no key "widht"; the nearest is width. Correct or remove it and run again.'),
        (
            "text_field = 'b'",
            'There is no key "text_field"; the nearest is text-field. Correct or remove it and run again.',
        ),
        ("input = ['a']", 'There is no key "input"; the nearest is inputs. Correct or remove it and run again.'),
        (
            "config = 'other.toml'",
            (
                'There is no key "config"; the keys are inputs, out, to, removed, report, lang, append, overwrite, '
                "wait, format, text-field, max-record, max-expand, width, split, main, chrome, without, similarity, "
                "keep, passages, templates, jobs, strict, quiet, log-format. "
                "Correct or remove it and run again."
            ),
        ),
        ("jobs = '4'", 'jobs must be a whole number such as 4, not "4". Correct it and run again.'),
        ("jobs = true", "jobs must be a whole number such as 4, not true. Correct it and run again."),
        ("jobs = 1.5", "jobs must be a whole number such as 4, not 1.5. Correct it and run again."),
        ("strict = 1", "strict must be true or false, not 1. Correct it and run again."),
        ("strict = 'no'", 'strict must be true or false, not "no". Correct it and run again.'),
        ("similarity = '0.7'", 'similarity must be a number such as 0.7, not "0.7". Correct it and run again.'),
        ("split = 7", "split must be a string in quotes, not 7. Correct it and run again."),
        ("width = 2", "width must be one of half, full, keep, not 2. Correct it and run again."),
        (
            "width = 'wide'",
            "width has a wrong value: 'wide' is not one of 'half', 'full', 'keep'. Correct it and run again.",
        ),
        (
            "inputs = 'dumps'",
            'inputs must be an array of strings such as ["dumps"], not "dumps". Correct it and run again.',
        ),
        ("inputs = [1]", 'inputs must be an array of strings such as ["dumps"], not [1]. Correct it and run again.'),
        (
            "max-record = true",
            'max-record must be a number of bytes or a size such as "256MB", not true. Correct it and run again.',
        ),
        (
            "max-record = 'big'",
            (
                "max-record has a wrong value: 'big' is not a size; write a number of bytes or a size such as 256MB. "
                "Correct it and run again."
            ),
        ),
        ("[out]\nx = 1", "out must be a string in quotes, not a table. Correct it and run again."),
        (
            f"split = [{'1, ' * 99}]",
            f"split must be a string in quotes, not [{'1, ' * 19}1,…. Correct it and run again.",
        ),
        (
            "out = ",
            "This is not TOML: Invalid value (at end of document). Correct that place and run again.",
        ),
    ],
)
def test_a_wrong_file_names_file_key_and_next_step(config: Callable[[str], str], content: str, message: str) -> None:
    """Whole messages: the file, what is wrong in it, what to do."""
    with pytest.raises(UsageError) as caught:
        load(config(content), CONTEXT)
    assert str(caught.value) == f"run.toml: {message}"


def test_a_file_that_cannot_be_read_is_an_error(config: Callable[[str], str], tmp_path: Path) -> None:
    """A job whose configuration went missing must not run with the defaults."""
    with pytest.raises(UsageError) as caught:
        load("gone.toml", CONTEXT)
    assert str(caught.value) == "gone.toml: No such file or directory. Give --config a TOML file that can be read."
    path = config("")
    (tmp_path / path).write_bytes("out = '淘洗'".encode("gb18030"))
    with pytest.raises(UsageError) as caught:
        load(path, CONTEXT)
    assert str(caught.value) == "run.toml: This is not UTF-8, as TOML must be. Save it as UTF-8 and run again."


def test_a_wrong_file_exits_with_2(config: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    """The command answers with one line; what the file says of itself is escaped."""
    assert main(["clean", "in", "-o", "out", "--config", config('"\\u001b[2J" = 1')]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(r'taoxi: run.toml: There is no key "\x1b[2J"; the keys are ')


def test_a_contradiction_names_the_file(config: Callable[[str], str], capsys: pytest.CaptureFixture[str]) -> None:
    """Who did not type ``--to`` learns where it comes from."""
    assert main(["clean", "in", "-o", "x.jsonl", "--config", config('to = "text"')]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        "taoxi: With run.toml: --to belongs to a folder; the ending of x.jsonl already decides its form. "
        "Leave out --to.\n"
    )
    assert main(["clean", "in", "-o", "-", "--to", "text"]) == ExitCode.USAGE
    assert capsys.readouterr().err == ("taoxi: --to belongs to a folder; -o - is always JSON Lines. Leave out --to.\n")


def test_the_style_of_the_file_holds_for_errors(
    config: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A job that reads JSON gets JSON, whichever option is wrong."""
    path = config('log-format = "json"')
    assert main(["clean", "in", "-o", "out", "--jobs", "x", "--config", path]) == ExitCode.USAGE
    assert capsys.readouterr().err == (
        '{"event": "error", "exit_code": 2, "message": "Invalid value for \'--jobs\': \'x\' is not a valid integer. '
        'See \'taoxi clean --help\'.", "traceback": null}\n'
    )

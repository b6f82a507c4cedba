"""What a person names becomes the ordered list of sources."""

from __future__ import annotations

import os
import random
import socket
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taoxi.normalize.model import Source
from taoxi.normalize.sources import MissingInputError, expand, natural_key

LOOP = "This symbolic link leads back to a folder that it lies in; following it would never end. Remove the link."
DEAD = "This symbolic link leads nowhere. Restore its target or remove the link."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that makes files in the current folder of the test."""
    monkeypatch.chdir(tmp_path)

    def make(*names: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name, encoding="utf-8")
        return tmp_path

    return make


def names(*inputs: str, skip: Path | None = None) -> list[str]:
    """Return the names of the sources of some inputs."""
    return [source.name for source in expand(inputs, skip)]


def by_name(*inputs: str) -> dict[str, Source]:
    """Return the sources of some inputs by their names."""
    return {source.name: source for source in expand(inputs)}


def test_a_folder_is_walked_in_natural_order(folder: Callable[..., Path]) -> None:
    """Digits count as numbers, folders go one by one, everything else goes by code point."""
    folder("d/page10.txt", "d/page9.txt", "d/sub/b.txt", "d-2/a.txt", "d/乙.txt", "d/甲.txt")
    assert names("d", "d-2") == ["d/page9.txt", "d/page10.txt", "d/sub/b.txt", "d/乙.txt", "d/甲.txt", "d-2/a.txt"]


def test_the_order_of_the_inputs_is_no_matter(folder: Callable[..., Path]) -> None:
    """Any order of arguments, and naming things twice in several ways, gives the same list."""
    root = folder("a/1.txt", "a/2.txt", "b/1.txt", "c.txt")
    inputs = ["a", "./a/", "b", "c.txt", "a/2.txt", "*.txt", str(root / "b"), "b/../c.txt"]
    expected = expand(inputs)
    assert [source.name for source in expected] == [f"{root}/b/1.txt", "a/1.txt", "a/2.txt", "c.txt"]
    for _ in range(20):
        random.shuffle(inputs)
        assert expand(inputs) == expected


def test_a_source_knows_its_folder_and_size(folder: Callable[..., Path]) -> None:
    """The folder is what stands before the last slash, and the size is that of the file."""
    folder("a/b/c.txt", "d.txt")
    assert expand(["a", "d.txt"]) == [
        Source("a/b/c.txt", "a/b/c.txt", "a/b", size=9),
        Source("d.txt", "d.txt", "", size=5),
    ]


def test_standard_input_is_read_once() -> None:
    """A dash names standard input, however often it is given."""
    assert expand(["-", "-"]) == [Source("-", "-", "")]


def test_a_dot_names_its_entries_without_a_prefix(folder: Callable[..., Path]) -> None:
    """The current folder leaves no trace in names."""
    folder("a.txt", "b/c.txt")
    assert names(".") == ["a.txt", "b/c.txt"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["1.txt", "2.txt"]),
        ("?/*.txt", ["a/3.txt"]),
        ("[ab]/**/*.txt", ["a/3.txt", "a/deep/er/4.txt"]),
        ("**/4.txt", ["a/deep/er/4.txt"]),
        ("a/**", ["a/3.txt", "a/deep/er/4.txt", "a/x.md"]),
        ("a/deep*", ["a/deep/er/4.txt"]),
        ("./a/*.md", ["a/x.md"]),
        (".hid*/*", [".hidden/5.txt"]),
    ],
)
def test_a_pattern_names_what_it_matches(folder: Callable[..., Path], pattern: str, expected: list[str]) -> None:
    """Folders that match are walked, and a hidden name needs its dot in the pattern."""
    folder("1.txt", "2.txt", "a/3.txt", "a/x.md", "a/deep/er/4.txt", ".hidden/5.txt")
    assert names(pattern) == expected


def test_an_absolute_pattern_is_understood(folder: Callable[..., Path]) -> None:
    """A pattern may start at the root."""
    root = folder("1.txt", "a/2.txt")
    assert names(f"{root}/**/*.txt") == [f"{root}/1.txt", f"{root}/a/2.txt"]


def test_a_name_that_looks_like_a_pattern_is_a_name(folder: Callable[..., Path]) -> None:
    """A path that exists is never taken for a pattern."""
    folder("a[1].txt", "a1.txt")
    assert names("a[1].txt") == ["a[1].txt"]


def test_a_missing_path_is_refused(folder: Callable[..., Path]) -> None:
    """The message names the path and says what to do."""
    folder("a.txt")
    with pytest.raises(MissingInputError) as raised:
        expand(["a.txt", "b.txt"])
    assert str(raised.value) == "The input 'b.txt' does not exist. Check its path and spelling."


def test_a_pattern_without_a_match_is_refused(folder: Callable[..., Path]) -> None:
    """The message names the pattern and says what to do."""
    folder("a.txt")
    with pytest.raises(FileNotFoundError) as raised:
        expand(["*.md"])
    assert str(raised.value) == ("The pattern '*.md' matches nothing. Check it, or name the folder: all in it is read.")


def test_hidden_files_get_an_entry(folder: Callable[..., Path]) -> None:
    """What a walk meets with a leading dot is listed as hidden, and a hidden folder is not entered."""
    folder("d/.secret", "d/.git/config", "d/a.txt")
    found = by_name("d")
    assert {name: source.hidden for name, source in found.items()} == {
        "d/.git": True,
        "d/.secret": True,
        "d/a.txt": False,
    }


def test_a_hidden_file_that_is_named_is_read(folder: Callable[..., Path]) -> None:
    """A person who names a hidden file or folder wants it."""
    folder(".a.txt", ".d/b.txt")
    assert [source.hidden for source in expand([".a.txt", ".d"])] == [False, False]


def test_the_output_is_left_out(folder: Callable[..., Path]) -> None:
    """Files under the output folder are no input, whatever names them."""
    root = folder("d/a.txt", "d/out/corpus/1.txt", "d/outer/b.txt")
    (root / "d" / "link").symlink_to("out")
    assert names("d", "d/out/corpus/*", skip=Path("d/out")) == ["d/a.txt", "d/outer/b.txt"]


def test_an_output_file_is_left_out(folder: Callable[..., Path]) -> None:
    """The output may be one file in the input folder."""
    root = folder("d/a.txt", "d/out.jsonl")
    assert names("d", skip=root / "d" / "out.jsonl") == ["d/a.txt"]


def test_a_link_to_a_folder_is_followed(folder: Callable[..., Path]) -> None:
    """Content outside the input is read under the name of the link."""
    root = folder("in/a.txt", "elsewhere/b.txt")
    (root / "in" / "more").symlink_to(root / "elsewhere")
    assert names("in") == ["in/a.txt", "in/more/b.txt"]


def test_a_folder_is_not_read_again_through_a_link(folder: Callable[..., Path]) -> None:
    """A link to a folder of the input adds nothing, even when its name comes first."""
    root = folder("in/b/x.txt")
    (root / "in" / "a").symlink_to("b")
    assert names("in") == ["in/b/x.txt"]


@pytest.mark.parametrize("target", [".", "..", "../..", "../sub"])
def test_a_loop_of_links_is_an_entry_with_its_error(folder: Callable[..., Path], target: str) -> None:
    """A link to a folder above it is told, and the rest is read."""
    root = folder("in/a.txt", "in/sub/b.txt")
    (root / "in" / "sub" / "up").symlink_to(target)
    found = by_name("in")
    assert list(found) == ["in/a.txt", "in/sub/b.txt", "in/sub/up"]
    assert found["in/sub/up"].error == LOOP


def test_links_that_lead_to_each_other_end(folder: Callable[..., Path]) -> None:
    """Two folders linked crosswise are read once each."""
    root = folder("in/a/1.txt", "in/b/2.txt")
    (root / "in" / "a" / "to_b").symlink_to("../b")
    (root / "in" / "b" / "to_a").symlink_to("../a")
    assert names("in") == ["in/a/1.txt", "in/b/2.txt"]
    assert names("in/**/*.txt") == ["in/a/1.txt", "in/b/2.txt"]


def test_a_pattern_survives_a_loop(folder: Callable[..., Path]) -> None:
    """Two stars do not run in circles, and the loop gets its entry."""
    root = folder("in/a.txt", "in/sub/b.txt")
    (root / "in" / "sub" / "up").symlink_to("..")
    found = by_name("in/**/*.txt")
    assert list(found) == ["in/a.txt", "in/sub/b.txt", "in/sub/up"]
    assert found["in/sub/up"].error == LOOP


@pytest.mark.parametrize("target", ["nowhere", "dead"])
def test_a_dead_link_is_an_entry_with_its_error(folder: Callable[..., Path], target: str) -> None:
    """A link to nothing, or to itself, is told whether it is named or met."""
    root = folder("in/a.txt")
    (root / "in" / "dead").symlink_to(target)
    assert by_name("in")["in/dead"].error == DEAD
    assert by_name("in/dead")["in/dead"].error == DEAD


def test_a_folder_without_permission_is_an_entry_with_its_error(
    folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the system does not list is told, and the rest is read."""
    folder("in/a.txt", "in/closed/b.txt")
    scandir = os.scandir

    def deny(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", deny)
    assert by_name("in")["in/closed"].error == (
        "Reading it is not permitted. Change its permissions or run as a user who may read it."
    )
    assert list(by_name("in")) == ["in/a.txt", "in/closed"]


def test_what_is_no_file_is_an_entry_with_its_error(folder: Callable[..., Path]) -> None:
    """Sockets and pipes in a folder are told, for opening them could wait for ever."""
    folder("in/a.txt")
    os.mkfifo("in/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("in/socket")
        found = by_name("in")
        assert by_name("in/socket")["in/socket"].error == found["in/socket"].error
    assert found["in/pipe"].error == "This is a named pipe, not a file. Take it out of the input, or name it itself."
    assert found["in/socket"].error == "This is a socket, not a file. Take it out of the input, or name it itself."


def test_a_pipe_that_is_named_is_read(folder: Callable[..., Path]) -> None:
    """A person who names a pipe, as a shell does for a process, wants what comes out of it."""
    folder("a.txt")
    os.mkfifo("pipe")
    assert expand(["pipe"]) == [Source("pipe", "pipe", "")]


def test_a_name_that_is_not_utf8_is_spelled_out(folder: Callable[..., Path]) -> None:
    """The name holds the foreign bytes as escapes, and the path still opens."""
    root = folder("in/a.txt")
    raw = os.fsencode(root) + b"/in/" + "公告".encode("gb18030") + b".txt"
    Path(os.fsdecode(raw)).write_text("x", encoding="utf-8")
    source = expand(["in"])[0]
    assert source.name == r"in/\xb9\xab\xb8\xe6.txt"
    assert Path(source.path).read_text(encoding="utf-8") == "x"


def test_a_very_deep_folder_is_walked(folder: Callable[..., Path]) -> None:
    """Depth costs no recursion."""
    root = folder("in/a.txt")
    deep = [f"{root}/in" + "/d" * depth for depth in range(1, sys.getrecursionlimit() + 1)]
    for path in deep:
        os.mkdir(path)  # noqa: PTH102 - one at a time, for makedirs would recurse
    try:
        Path(deep[-1], "b.txt").write_text("b", encoding="utf-8")
        assert len(names("in")) == 2
        assert len(names("in/**/b.txt")) == 1
    finally:
        # Whoever clears the folders of old tests recurses.
        Path(deep[-1], "b.txt").unlink()
        for path in reversed(deep):
            os.rmdir(path)  # noqa: PTH106


@given(st.lists(st.text(alphabet="ab/-019.公", min_size=1, max_size=8)))
def test_natural_order_is_total(paths: list[str]) -> None:
    """Any names can be compared, and only equal ones are equal."""
    ordered = sorted(set(paths), key=natural_key)
    for first, second in pairwise(ordered):
        assert natural_key(first) < natural_key(second)

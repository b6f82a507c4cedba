"""The pages for people: their commands run as written, their links lead somewhere, their pictures tell the truth."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taoxi.cli.main import main, taoxi
from taoxi.cli.params import Command
from taoxi.corpus.options import CHROME_RULES, LINE_RULES, REINSTATABLE, RESTORABLE
from taoxi.dedup.chrome.learning import needed
from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, proposed
from taoxi.dedup.sign import sign
from taoxi.dedup.templates import compare
from taoxi.dedup.tokens import shingle_hashes
from taoxi.normalize.model import GapReason, Lost

ROOT = Path(__file__).parent.parent
PAGES = sorted(path.relative_to(ROOT).as_posix() for pattern in ("*.md", "*/*.md") for path in ROOT.glob(pattern))
IMAGES = sorted((ROOT / "docs" / "images").iterdir())
SVG = "{http://www.w3.org/2000/svg}"

INSTALL = "python3 -m venv .venv && . .venv/bin/activate && python -m pip install -e "
"""How commands begin that .ci/run runs with a network: tests run what follows behind them, with the checkout."""

TESTS = "python -m pytest"


REST = "及时上报险情；渡口照常开放，夜间停航，行人过桥请靠右，雨天注意路滑，有事请拨值班电话，值班员昼夜在岗"
"""What the second … of the picture of siblings stands for."""


@dataclass(frozen=True)
class Fence:
    """A block of code on a page: the word behind its fence, and what stands in it."""

    word: str
    text: str


@dataclass(frozen=True)
class Done:
    """A command of a page and what came of it."""

    command: str
    code: int
    out: str
    err: str


def fences(page: str) -> list[Fence]:
    """Return the blocks of code of a page, in order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [Fence(word, text) for word, text in found]


def prose(page: str) -> str:
    """Return a page without code, in which nothing is a link."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "`", text)


def commands(page: str) -> list[str]:
    """Return the commands of a page, less what installs and tests."""
    lines = [line for fence in fences(page) if fence.word == "console" for line in fence.text.splitlines()]
    left = [line.removeprefix(INSTALL).partition(" && ")[2] if line.startswith(INSTALL) else line for line in lines]
    return [line for line in left if line and line != TESTS]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the checkout: what its folders are called is in the way of outputs as it is for a reader."""
    folder = tmp_path_factory.mktemp("docs") / "taoxi"
    unwanted = shutil.ignore_patterns(".git", ".dev", ".*cache", ".hypothesis", ".venv", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, folder, ignore=unwanted)
    return folder


class Reader:
    """Somebody who types the commands of a page in a checkout, one after another."""

    def __init__(self, checkout: Path, programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Put ``taoxi`` and ``python`` of this test first in the path."""
        self._checkout, self._capsys = checkout, capsys
        for name, module in (("taoxi", " -m taoxi.cli"), ("python", "")):
            path = programs / name
            path.write_text(f'#!/bin/sh\nexec "{sys.executable}"{module} "$@"\n', encoding="utf-8")
            path.chmod(0o755)
        self._env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}

    def type(self, line: str) -> Done:
        """Run a command: taoxi alone in this process, which spares its imports, all else in the shell."""
        if line.startswith("taoxi ") and not set("|<>&;$") & set(line):
            self._capsys.readouterr()
            words = [name for word in shlex.split(line)[1:] for name in self._expanded(word)]
            return Done(line, main(words), *self._capsys.readouterr())
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],  # noqa: S607 - the shell of the reader
            cwd=self._checkout,
            env=self._env,
            check=False,
            capture_output=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )
        return Done(line, done.returncode, done.stdout, done.stderr)

    def _expanded(self, word: str) -> list[str]:
        """Return the files that a shell would put in the place of a word."""
        if "*" not in word:
            return [word]
        return sorted(path.relative_to(self._checkout).as_posix() for path in self._checkout.glob(word)) or [word]


@pytest.fixture
def reader(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Reader:
    """Return somebody who stands in the checkout, before a terminal of 80 columns."""
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("COLUMNS", "80")
    return Reader(checkout, tmp_path, capsys)


def check(done: Done) -> None:
    """Check that a command did what a page promises: all of it, but for samples that nobody can read."""
    assert done.code in {0, 1}, f"{done.command}\n{done.err}"
    if done.code:
        assert re.search(r"\d problems?\b|\"event\": ?\"problem\"|: There is nothing in it\.", done.err + done.out), (
            done
        )


def left_untracked(checkout: Path) -> set[str]:
    """Return what commands left at the top of the checkout that git would show."""
    ignored = {line.strip("/\n") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()}
    return {path.name for path in checkout.iterdir()} - {path.name for path in ROOT.iterdir()} - ignored


def test_the_commands_of_the_readme_run_as_written(checkout: Path, reader: Reader) -> None:
    """In the order of the page, in the checkout, and what they write is ignored by git."""
    for line in commands("README.md"):
        check(reader.type(line))
    for fence in fences("README.md"):
        if fence.word == "python":
            exec(fence.text, {})  # noqa: S102 - what a reader would paste into Python
    assert left_untracked(checkout) == set()


def test_the_tutorial_shows_what_happens(checkout: Path, reader: Reader) -> None:
    """Every command runs as written, and each line that the page shows stands in what the commands before it print."""
    said: list[str] = []
    shown = 0
    for fence in fences("docs/start.md"):
        if fence.word == "console":
            said = []
            for line in fence.text.splitlines():
                if line.startswith(INSTALL):
                    continue
                done = reader.type(line)
                check(done)
                said += [" ".join(each.split()) for each in (done.out + done.err).splitlines()]
        elif fence.word == "text":
            lines = [" ".join(line.split()) for line in fence.text.splitlines()]
            assert [line for line in lines if line not in said] == []
            shown += len(lines)
    assert shown > 15
    assert left_untracked(checkout) == set()


def test_the_chinese_readme_has_the_same_commands_links_and_rules() -> None:
    """Whoever reads it misses nothing: code, the pages that are linked, and the first cells of tables are the same."""
    here, there = "README.md", "README.zh.md"
    assert fences(here) == fences(there)
    assert set(re.findall(r"\]\(([^)#]+)\)", prose(here))) - {there} == set(
        re.findall(r"\]\(([^)#]+)\)", prose(there))
    ) - {here}
    for page, other in ((here, there), (there, here)):
        head = (ROOT / page).read_text("utf-8").split("\n## ")[0]
        assert f"]({other})" in head
        assert "](docs/start.md)" in head
    rules = [
        re.findall(r"^\| `([a-z_]+)` \|", (ROOT / page).read_text("utf-8"), re.MULTILINE) for page in (here, there)
    ]
    assert rules[0] == rules[1]
    assert len(rules[0]) > 20


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)|`", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page; of equal headings the later ones are numbered."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#{1,6} (.+)$", text, re.MULTILINE):
        name = slug(heading)
        names.add(name if name not in found else f"{name}-{found[name]}")
        found[name] = found.get(name, 0) + 1
    return names


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """To a file of the checkout and, where it names one, to a heading of it."""
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("https://", "http://")):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        if not path.exists() or (anchor and anchor not in anchors(path)):
            broken.append(target)
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    """No page of docs is an island."""
    linked = set(re.findall(r"\]\((docs/[^)#]+\.md)", prose("README.md")))
    assert linked == {page for page in PAGES if page.startswith("docs/")}


def options() -> set[str]:
    """Return all options of all commands."""
    known = {"--help", "--version"}
    for command in taoxi.commands.values():
        assert isinstance(command, Command)
        known |= {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    return known


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith(("README", "docs/"))])
def test_options_that_pages_name_exist(page: str) -> None:
    """An option that was renamed, or never was, is found here."""
    text = (ROOT / page).read_text("utf-8")
    named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)\b", text)) - {"--peers", "--outputs"}  # of the benchmarks
    assert named <= options()


def test_the_table_of_rules_names_all_that_takes_text_and_nothing_else() -> None:
    """``how-it-decides.md`` says under which word a rule is in the ledger, and what undoes it."""
    text = (ROOT / "docs" / "how-it-decides.md").read_text("utf-8").partition("## Which rule is where")[2]
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in text.splitlines() if line[:1] == "|"
    ]
    words = {word for row in rows[2:] for word in re.findall(r"`([a-z_]+)`", row[2])}
    known = {*RESTORABLE, *REINSTATABLE, *(each.value for each in (*Lost, *GapReason))}
    known |= {"empty", "repeated", "page", "tail", "document", "joined", "delimiter", "title", "date", "contents"}
    assert words == known
    back = {row[2]: row[4] for row in rows[2:]}
    assert all(back[f"`{reason}`"] == f"`restore --reason {reason}`" for reason in RESTORABLE)
    assert all(rule in text for rule in (*CHROME_RULES, *LINE_RULES))


def test_the_table_of_chrome_says_what_the_code_asks_for() -> None:
    """So many texts of a site must have a line."""
    text = (ROOT / "docs" / "how-it-decides.md").read_text("utf-8")
    pages = np.array([15, 100, 1000, 5000])
    told = [int(count) for count in re.findall(r"^\| (?:up to )?[\d,]+ \| (\d+)", text, re.MULTILINE)]
    asked = np.ceil(needed(pages)).astype(int).tolist()
    assert told == [asked[0], *asked[2:]]
    assert "| up to 100 | a fifth of them |" in text
    assert asked[1] == 20


def picture(name: str) -> ET.Element:
    """Read a picture; only what lies in this checkout is parsed."""
    return ET.fromstring((ROOT / "docs" / "images" / name).read_text("utf-8"))  # noqa: S314


def said(root: ET.Element, name: str) -> str:
    """Return the text of the element of a picture that has this id."""
    (found,) = (element for element in root.iter() if element.get("id") == name)
    return "".join(found.itertext())


@pytest.mark.parametrize("path", IMAGES, ids=lambda path: path.name)
def test_pictures_are_self_contained_and_described(path: Path) -> None:
    """They load and run nothing, bring their own background, and are shown with a text for who cannot see them."""
    root = picture(path.name)
    assert root.tag == f"{SVG}svg"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "marker", "g", "rect", "path", "polyline", "text", "tspan")
    }
    text = path.read_text("utf-8")
    assert not re.search(r"href|@import|url\((?!#)|javascript|\bon\w+=", text)
    background = next(element for element in root if element.tag == f"{SVG}rect")
    assert background.get("fill") == "#ffffff"
    assert all(said(root, name) for name in ("title", "desc"))
    shown = [
        alt
        for page in PAGES
        for alt, name in re.findall(r"!\[([^]]*)\]\(([^)]+)\)", (ROOT / page).read_text("utf-8"))
        if name.endswith(path.name)
    ]
    assert shown
    assert all(len(alt) > 60 for alt in shown)


def signed(*texts: str) -> Any:  # noqa: ANN401 - as sign returns it
    """Sign texts."""
    data = [text.encode() for text in texts]
    return sign(np.frombuffer(b"".join(data), np.uint8), np.cumsum([0, *map(len, data)]).astype(np.int64))


def pairs_of(found: Any) -> tuple[int, int]:  # noqa: ANN401 - as sign returns it
    """Return in how many values and in how many bands two signatures agree."""
    same = found.signatures[0] == found.signatures[1]
    return int(same.sum()), int(same[: BANDS * ROWS].reshape(BANDS, ROWS).all(axis=1).sum())


def test_the_picture_of_a_near_copy_is_what_the_code_finds() -> None:
    """Tokens, shingles, every value of the signatures, bands and the share are computed anew."""
    root = picture("near.svg")
    left, right = said(root, "left"), said(root, "right")
    found = signed(left, right)
    equal, bands = pairs_of(found)
    assert [int(said(root, f"tokens-{side}")) for side in ("left", "right")] == found.tokens.tolist()
    both = [set(shingle_hashes(text).tolist()) for text in (left, right)]
    common, union = len(both[0] & both[1]), len(both[0] | both[1])
    assert (said(root, "common"), said(root, "union")) == (str(common), str(union))
    assert said(root, "jaccard") == f"{common / union:.2g}"
    (strokes,) = (list(element) for element in root.iter(f"{SVG}g") if element.get("id") == "signature")
    assert [stroke.get("class") == "s" for stroke in strokes] == (found.signatures[0] == found.signatures[1]).tolist()
    assert (said(root, "equal"), said(root, "bands")) == (str(equal), str(bands))
    assert said(root, "share") == f"{equal} of {PERMUTATIONS} = {equal / PERMUTATIONS:.1%}"
    assert not compare(left, right).sibling
    boxes = list(shingles_of(root))
    for text, only in boxes:
        (value,) = shingle_hashes(text).tolist()
        assert ((value in both[0]) and (value in both[1])) is not only
    assert len(boxes) == 6


def shingles_of(root: ET.Element) -> Iterator[tuple[str, bool]]:
    """Yield the shingles of the picture, and whether they are drawn as those of one text only."""
    elements = list(root)
    for box, label in pairwise(elements):
        if box.tag == f"{SVG}rect" and label.tag == f"{SVG}text" and len(label.text or "") == 5:
            yield label.text or "", box.get("class") == "gone"


def test_the_picture_of_the_bands_is_the_curve() -> None:
    """Each point lies where the formula says, and the labels say what it says."""
    root = picture("curve.svg")
    (line,) = root.iter(f"{SVG}polyline")
    points = np.array([pair.split(",") for pair in (line.get("points") or "").split()], float)
    x = (points[:, 0] - points[0, 0]) / (points[-1, 0] - points[0, 0])
    y = (points[0, 1] - points[:, 1]) / (points[0, 1] - points[-1, 1])
    assert y == pytest.approx([proposed(value) for value in x], abs=0.004)
    assert f"{proposed(0.7):.0%} of such pairs" in "".join(root.itertext())
    page = (ROOT / "docs" / "how-it-decides.md").read_text("utf-8")
    told = [f"{proposed(value):.0%}".replace("%", " percent") for value in (0.3, 0.5, 0.7)]
    assert all(figure in page for figure in told)


def test_the_picture_of_siblings_is_what_the_code_decides() -> None:
    """Both are similar enough; the facts make the difference."""
    root = picture("siblings.svg")
    texts = ["".join(element.itertext()) for element in root.iter(f"{SVG}text")]
    kept, sibling, copy = (text for text in texts if text.startswith("古渡站水情公报"))
    whole = kept.replace("下游各站…", "下游各站水位平稳，").replace("…", REST)
    for short, name, stays in ((sibling, "sibling", True), (copy, "copy", False)):
        other = short.replace("下游各站…", "下游各站水位平稳，").replace("…", REST)
        found = signed(whole, other)
        equal, bands = pairs_of(found)
        assert bands > 0
        assert said(root, name) == f"{equal} of {PERMUTATIONS} = {equal / PERMUTATIONS:.0%}"
        assert equal / PERMUTATIONS >= 0.7
        assert compare(whole, other).sibling is stays

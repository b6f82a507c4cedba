"""The page of a run: its figures, its languages, and that nothing of what strangers wrote is more than text."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import random
import re
import string
import tomllib
from dataclasses import replace
from importlib.resources import files as resources
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from taoxi.corpus import Options, clean, make_page, verify
from taoxi.corpus.files import CARD, CROISSANT, PAGE
from taoxi.corpus.options import CHROME_RULES, LAYOUT_RULES, LINE_RULES, Lang, UsageError
from taoxi.corpus.output import Output
from taoxi.corpus.page import view
from taoxi.corpus.page.choice import Removals, choose, different
from taoxi.corpus.page.facts import Facts
from taoxi.corpus.page.gather import Gathered
from taoxi.corpus.page.render import language, strings
from taoxi.corpus.report import Event, Notice
from taoxi.corpus.restore import restore
from taoxi.corpus.templates import share
from taoxi.corpus.wanted import Wanted
from taoxi.normalize.characters.rules import RULES
from tests.support import Folder, jsonl, mixed_dump, pages, prose, run

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples" / "raw"

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe\x1b[31m&lt;b&gt;\"'`{{7*7}}{% raw %}"
"""What a page of strangers may hold, and what would be code in ours."""

TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^<>]*)>")
FORBIDDEN = {"script", "img", "iframe", "object", "embed", "base", "form", "a", "link", "audio", "video"}
VOID = {"meta", "rect", "line", "br"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return the samples, cleaned."""
    out = tmp_path_factory.mktemp("page") / "out"
    clean(Options(inputs=(str(SAMPLES),), out=str(out), lang=Lang.EN))
    return Folder(out)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Return the output of a dump whose every field and name tries to be code."""
    folder = tmp_path_factory.mktemp("hostile")
    base = [pages(k) + "\n" + HOSTILE for k in range(4)]
    site = "evil.example"
    records = [
        {
            "text": f"{HOSTILE} 首页 | 新闻\n{text}\n{HOSTILE} 版权所有",
            "title": HOSTILE,
            "url": f"https://{site}/{k}?{HOSTILE}",
        }
        for k, text in enumerate([*base, *base, base[0] + prose(99, 40), *(pages(20 + k) for k in range(20))])
    ]
    jsonl(folder / "in" / f"{HOSTILE.replace('/', '_')}.jsonl", records)
    (folder / "in" / "<b>broken.jsonl").write_text('{"text": "' + HOSTILE.replace('"', "") + "\n", encoding="utf-8")
    out = folder / "out"
    clean(Options(inputs=(str(folder / "in"),), out=str(out), lang=Lang.EN))
    return Folder(out)


def page_of(folder: Folder) -> str:
    """Return the page that a run left in a folder."""
    return (folder.path / PAGE).read_text(encoding="utf-8")


def without_clock(page: str) -> str:
    """Return a page without the seconds that a run took, which a page made again does not know."""
    return re.sub(r'<div class="time">.*\n', "", page)


def text_of(page: str) -> str:
    """Return what a person reads, on one line."""
    body = page[page.index("<body>") :]
    return " ".join(html.unescape(re.sub(r"<[^<>]+>", " ", body)).split())


def test_the_figures_are_those_of_the_manifest(made: Folder) -> None:
    """Documents and characters, found and kept, removed by reason, and every kind of piece with its rows."""
    counts = made.manifest["counts"]
    facts = Facts.of_folder(Output.open(made.path))
    steps = {step.name: step for step in view.funnel(facts)}
    assert (steps["found"].documents, steps["found"].characters) == (counts["documents"], counts["characters"])
    assert (steps["kept"].documents, steps["kept"].characters) == (counts["kept"], counts["characters_kept"])
    assert {reason: steps[reason].documents for reason in counts["removed"]} == counts["removed"]
    assert {name: rows for name, rows, _, _ in view.pieces(facts)} == counts["cut"]
    said = text_of(page_of(made))
    assert f"{counts['documents']} documents, from {counts['sources']} sources. {counts['kept']} of them" in said
    for rule, count in counts["changes"].items():
        assert f"{rule} {count:,} " in said


def test_the_funnel_adds_up(made: Folder) -> None:
    """What is read less what leaves at each step is what is kept, in documents and characters."""
    steps = view.funnel(Facts.of_folder(Output.open(made.path)))
    ends = [step for step in steps if step.end]
    left = [sum(getattr(step, unit) or 0 for step in steps if not step.end) for unit in ("documents", "characters")]
    assert [ends[0].documents, ends[0].characters] == [
        (ends[-1].documents or 0) + left[0],
        ends[-1].characters + left[1],
    ]
    assert steps[-2].character_bar[0] == pytest.approx(ends[-1].character_bar[1], abs=0.01)


def test_distributions_count_every_document(made: Folder) -> None:
    """Lengths before and after, sizes of clusters, similarities, documents of sites."""
    counts = made.manifest["counts"]
    facts = Facts.of_folder(Output.open(made.path))
    lengths, sizes, similar = view.lengths(facts), view.cluster_sizes(facts), view.similarities(facts)
    assert lengths is not None
    assert sizes is not None
    assert similar is not None
    before, after = (sum(each.counts[k] for each in lengths.classes) for k in (0, 1))
    assert (before, after) == (counts["documents"] - counts["removed"].get("empty", 0), counts["kept"])
    assert sum(each.counts[0] for each in sizes.classes) == counts["kept"]
    assert sum(each.counts[0] for each in similar.classes) == counts["removed"]["near"]
    assert sum(each.counts[1] for each in similar.classes) == counts["removed"]["contained"]
    found = facts.gathered.sites.values()
    assert sum(site.characters_kept for site in found) == counts["characters_kept"]
    assert sum(site.documents for site in found) == counts["documents"] - counts["removed"].get("empty", 0)


def test_a_page_made_again_is_the_same(made: Folder, tmp_path: Path) -> None:
    """From the files of the folder alone; only the clock is not in them."""
    again = make_page(made.path, file=tmp_path / "page.html", lang=Lang.EN)
    assert "time to read" in page_of(made)
    assert again.read_text(encoding="utf-8") == without_clock(page_of(made))
    assert list(tmp_path.iterdir()) == [again]


def test_a_page_counts_the_empty_lines_at_the_end(tmp_path: Path) -> None:
    """They are joined into a row that comes when all others are written."""
    source = jsonl(tmp_path / "in.jsonl", ["一篇短文。"])
    source.write_text(source.read_text("utf-8") + "\n\n", encoding="utf-8")
    _, folder = run(tmp_path / "out", source, lang="en")
    again = make_page(folder.path, file=tmp_path / "page.html", lang=Lang.EN)
    assert again.read_text(encoding="utf-8") == without_clock(page_of(folder))


@pytest.mark.parametrize("to", ["jsonl", "text"])
def test_every_form_of_output_has_a_page(to: str, made: Folder, tmp_path: Path) -> None:
    """Also when it is made again; of plain text, lengths and texts of the corpus are not known then."""
    _, folder = run(tmp_path / "out", SAMPLES, to=to, lang="en")
    first = without_clock(page_of(folder))
    plain = [
        text_of(without_clock(page_of(each))).replace(str(each.path), "OUT").replace(f" to {form} width", " to … width")
        for each, form in ((folder, to), (made, "parquet"))
    ]
    assert plain[0] == plain[1]
    make_page(folder.path, lang=Lang.EN)
    if to == "jsonl":
        assert page_of(folder) == first
    counts = folder.manifest["counts"]
    said = text_of(page_of(folder))
    assert f"{counts['kept']} of them were kept" in said
    assert ("Lengths of texts" in said, "as chrome" in said) == (to == "jsonl", to == "jsonl")


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 40))
def test_figures_do_not_depend_on_how_rows_arrive(made: Folder, rows: int) -> None:
    """A run hands over its units, a folder is read in other portions."""
    whole = Facts.of_folder(Output.open(made.path)).gathered
    output = Output.open(made.path)
    ledger, corpus = (pa.concat_tables(output.tables(folder, 1)) for folder in ("removed", "corpus"))
    gathered = Gathered(choose(Removals.of_ledger([ledger], 1)))
    for first in range(0, len(ledger), rows):
        gathered.remove(ledger.slice(first, rows))
    for first in range(0, len(corpus), rows):
        gathered.keep(corpus.slice(first, rows))
    assert gathered.rows == whole.rows
    assert gathered.characters == whole.characters
    assert (gathered.before.tolist(), gathered.after.tolist()) == (whole.before.tolist(), whole.after.tolist())
    assert gathered.sites == whole.sites
    assert gathered.texts.keys() == whole.texts.keys()
    assert {kind: {key: line.count for key, line in known.items()} for kind, known in gathered.lines.items()} == {
        kind: {key: line.count for key, line in known.items()} for kind, known in whole.lines.items()
    }


class Watched:
    """An array that counts how often a place of it is looked up."""

    def __init__(self, values: NDArray[np.uint8]) -> None:
        """Start with none."""
        self.values, self.looked_up = values, 0

    def __getitem__(self, place: int) -> NDArray[np.uint8]:
        """Return what stands there."""
        self.looked_up += 1
        return np.asarray(self.values[place])


@given(st.lists(st.integers(0, 4), max_size=30), st.randoms(use_true_random=False))
def test_members_of_a_cluster_are_the_first_of_each_text(texts: list[int], rng: random.Random) -> None:
    """In the order in which they stand, and no more than are shown."""
    ids = np.repeat(np.array(texts, np.uint8)[:, None], 16, axis=1)
    order = np.array(rng.sample(range(len(texts)), len(texts)), np.int64)
    firsts = dict.fromkeys(texts[place] for place in order)
    expected = [next(place for place in order if texts[place] == text) for text in firsts]
    assert different(ids, order, 3) == expected[:3]


def test_a_large_cluster_is_looked_at_no_longer_than_a_small_one() -> None:
    """Its members that are shown are found at its head, however many others follow."""
    ids = Watched(np.random.default_rng(1).integers(0, 256, (100_000, 16), np.uint8))
    assert different(ids, np.arange(100_000), 3) == [0, 1, 2]  # type: ignore[arg-type]
    assert ids.looked_up == 3


def test_hostile_text_is_text(hostile: Folder, tmp_path: Path) -> None:
    """No tag, no attribute and no control character of the inputs is in the page; what they tried can be read."""
    for lang in Lang:
        page = make_page(hostile.path, file=tmp_path / "page.html", lang=lang).read_text(encoding="utf-8")
        names = {match[2].lower() for match in TAG.finditer(page)}
        assert not names & FORBIDDEN
        assert not re.search(r"<[^<>]*\son\w+\s*=", page)
        assert not [char for char in page if not char.isprintable() and char != "\n"]
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert r"\u202egnp.exe" in page
        assert "{{7*7}}" in page
        assert "49{%" not in page


def test_the_page_is_well_formed(made: Folder, hostile: Folder) -> None:
    """Every tag is closed in its turn, and ids are not given twice."""
    for page in (page_of(made), page_of(hostile)):
        opened: list[str] = []
        for match in TAG.finditer(page[page.index("<html") :]):
            name = match[2].lower()
            if match[1]:
                assert opened.pop() == name
            elif name not in VOID and not match[3].endswith("/"):
                opened.append(name)
        assert not opened


def test_a_strict_parser_reads_the_page(made: Folder, hostile: Folder) -> None:
    """As browsers do, with every error of the HTML standard an exception."""
    parser = pytest.importorskip("html5lib")
    for folder in (made, hostile):
        parser.HTMLParser(strict=True).parse(page_of(folder))


def test_the_page_loads_nothing(made: Folder, hostile: Folder) -> None:
    """It names no other file or address, and its policy, whose digest is that of its style, forbids them all."""
    for page in (page_of(made), page_of(hostile)):
        markup = "".join(match[0] for match in TAG.finditer(page))
        assert not re.search(r"\s(?:src|href|srcset|action|style|background|poster|data)\s*=", markup)
        style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
        assert style is not None
        assert "url(" not in style[1]
        assert "@import" not in style[1]
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert (
            f"content=\"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'\"" in page
        )


def test_both_languages_have_all_words() -> None:
    """The same keys with the same gaps, all that the template asks for, and one for every rule, reason and kind."""
    en, zh = (strings(lang) for lang in (Lang.EN, Lang.ZH))

    def gaps(words: dict[str, str]) -> dict[str, list[str]]:
        return {
            key: sorted(str(part[1]) for part in string.Formatter().parse(text) if part[1])
            for key, text in words.items()
        }

    assert gaps(en) == gaps(zh)
    template = (ROOT / "corpus" / "page" / "page.html").read_text(encoding="utf-8")
    asked = set(re.findall(r'say\("(\w+)"[,)]', template)) | set(re.findall(r"say\('(\w+)'[,)]", template))
    assert asked <= en.keys()
    assert {f"change_{rule}" for rule in (*RULES, *LAYOUT_RULES)} <= en.keys()
    assert {f"piece_{rule}" for rule in (*CHROME_RULES, *LINE_RULES[:6])} <= en.keys()
    unused = {
        key
        for key in en
        if key not in asked and not re.match(r"(change|piece|kind|step|reason|measured|alarm|time)_", key)
    }
    assert unused == set()


def test_every_step_has_words(tmp_path: Path) -> None:
    """Of a dump of every format, in both languages; a missing word is an error of the template."""
    _, folder = run(tmp_path / "out", mixed_dump(tmp_path / "dump"))
    for lang in Lang:
        page = make_page(folder.path, lang=lang).read_text(encoding="utf-8")
        assert f'<html lang="{"zh-Hans" if lang is Lang.ZH else "en"}">' in page


@pytest.mark.parametrize(
    ("asked", "locale", "expected"),
    [
        (None, {"LANG": "zh_CN.UTF-8"}, Lang.ZH),
        (None, {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, Lang.EN),
        (None, {}, Lang.EN),
        (Lang.ZH, {"LANG": "en_US.UTF-8"}, Lang.ZH),
    ],
)
def test_the_language_is_that_of_the_locale_unless_asked(
    asked: Lang | None, locale: dict[str, str], expected: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for other commands: LC_ALL before LC_MESSAGES before LANG."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert language(asked) is expected


def test_samples_begin_with_the_least_similar(made: Folder) -> None:
    """The most doubtful removal is the first to be seen, with both texts and their differences."""
    facts = Facts.of_folder(Output.open(made.path))
    near = [sample for sample in view.samples(facts) if sample.pair.reason == "near"]
    lowest = min(row["similarity"] for row in made.ledger if row["reason"] == "near")
    assert near[0].pair.similarity == lowest
    kept = {row["id"]: row["text"] for row in made.corpus}
    gone = {row["id"]: row["text"] for row in made.ledger if row["kind"] == "document"}
    for sample in near:
        for stretch in sample.stretches:
            assert stretch.kind == "gap" or stretch.text in kept[sample.pair.leader] + gone[sample.pair.id]
        assert any(stretch.kind in {"kept", "removed"} for stretch in sample.stretches)


def test_pieces_are_shown_where_they_stood(made: Folder) -> None:
    """What stands around a piece on the page stood around it in the text."""
    facts = Facts.of_folder(Output.open(made.path))
    shown = [piece for _, _, _, found in view.pieces(facts) for piece in found if piece.before is not None]
    kept = [row["text"] for row in made.corpus] + [row["text"] for row in made.ledger if row["kind"] == "document"]
    assert {"watermark", "running_head", "page_number", "byline"} <= {piece.reason for piece in shown}
    for piece in shown:
        assert any((piece.before or "") + (piece.behind or "") in text for text in kept)


def test_alarms_come_first(tmp_path: Path) -> None:
    """In the manifest and at the head of the page, and the site at the head of its table."""
    text = pages(1)
    records = [{"text": text, "url": f"https://mirror.example/{k}"} for k in range(120)]
    records += [{"text": pages(10 + k), "url": f"https://other.example/{k}"} for k in range(5)]
    halves = [
        jsonl(tmp_path / "in" / f"{k}.jsonl", records[k::2]) for k in range(2)
    ]  # too small for alarms of their own
    report, folder = run(tmp_path / "out", *halves, lang="en")
    assert [alarm.name for alarm in report.alarms] == ["mirror.example"]
    alarm = {"name": "mirror.example", "documents": 120, "removed": 119, "lost": "documents"}
    assert folder.manifest["counts"]["alarms"] == [alarm]
    said = text_of(page_of(folder))
    assert "mirror.example 119 of 120 documents were removed" in said
    assert said.index("Look here first") < said.index("The way of the texts")
    assert "abnormal mirror.example 120" in said


def test_a_file_has_a_page_if_one_is_named(tmp_path: Path) -> None:
    """And only then; it is not written over, and a folder needs no name for its own."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1), pages(1), pages(2)])
    first = Options(inputs=(str(source),), out=str(tmp_path / "out.jsonl"))
    clean(first)
    assert not list(tmp_path.glob("*.html"))
    clean(replace(first, overwrite=True, report=str(tmp_path / "page.html"), lang=Lang.EN))
    assert "3 documents, from 1 sources. 2 of them" in text_of((tmp_path / "page.html").read_text("utf-8"))
    again = f"{tmp_path / 'page.html'} is already there. Choose another name, or replace it with --overwrite."
    with pytest.raises(UsageError, match=re.escape(again)):
        clean(Options(inputs=(str(source),), out=str(tmp_path / "other.jsonl"), report=str(tmp_path / "page.html")))
    with pytest.raises(UsageError, match="Leave out --report"):
        Options(inputs=("x",), out="folder", report="page.html")
    with pytest.raises(UsageError, match=r"Give it a name that ends with \.html"):
        Options(inputs=("x",), out="out.jsonl", report="page.pdf")


def test_later_runs_replace_the_page(tmp_path: Path) -> None:
    """It shows the last run and all of the folder; a restored document is counted there."""
    out = tmp_path / "out"
    text = pages(1, 6)
    run(out, jsonl(tmp_path / "a.jsonl", [text, pages(2)]), append=True, lang="en")
    run(out, jsonl(tmp_path / "b.jsonl", [text[:-1] + "!", pages(3)]), append=True, lang="en")
    said = text_of(page_of(Folder(out)))
    assert "2 documents, from 1 sources. 1 of them" in said
    assert "In all 2 4 1 3" in said
    restore(out, Wanted(reasons=("exact", "near", "contained")))
    said = text_of(make_page(out, lang=Lang.EN).read_text("utf-8"))
    assert "3 restore" in said
    assert "In all 2 4 0 4" in said


def test_lines_that_were_put_back_are_not_counted_twice(tmp_path: Path) -> None:
    """The run that puts them back keeps the documents instead of the run that had cut them."""
    clean(Options(inputs=(str(SAMPLES),), out=str(tmp_path / "out")))
    before = Folder(tmp_path / "out").manifest["counts"]["kept"]
    made = restore(tmp_path / "out", Wanted(reasons=("footer",)))
    assert made.documents > 0
    corpus = Folder(tmp_path / "out").corpus
    assert len(corpus) == before
    said = text_of(make_page(tmp_path / "out", lang=Lang.EN).read_text("utf-8"))
    assert f"In all 24 57 23 {before}" in said
    assert "Lengths of texts" not in said
    assert f"| **kept** | **{before}** |" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_a_page_that_cannot_be_written_does_not_stop_the_run(tmp_path: Path) -> None:
    """The run is published; it is said what is missing, and how to make it."""
    out = tmp_path / "out"
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    run(out, source)
    (out / PAGE).unlink()
    (out / PAGE).mkdir()
    told: list[Event] = []
    report = clean(Options(inputs=(str(source),), out=str(out), overwrite=True), listener=told.append)
    assert (report.run, report.exit_code) == (2, 0)
    reason = os.strerror(21)
    assert [str(event) for event in told if isinstance(event, Notice)] == [
        f"The run is complete, but {out / PAGE} could not be written: {reason}. 'taoxi report {out}' makes it again."
    ]
    assert not list(out.glob(".taoxi-run/*"))


def _defect(_facts: object) -> None:
    raise KeyError("kept")


def test_a_defect_of_a_view_is_none_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands as it was published, without the page of an earlier one, and with the views that could be made."""
    out = tmp_path / "out"
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    run(out, source)
    (out / CARD).unlink()
    monkeypatch.setattr("taoxi.corpus.page.view.funnel", _defect)
    told: list[Event] = []
    report = clean(Options(inputs=(str(source),), out=str(out), overwrite=True), listener=told.append)
    assert (report.run, report.exit_code) == (2, 0)
    assert [str(event) for event in told if isinstance(event, Notice)] == [
        (
            f"The run is complete, but {out / PAGE} could not be written: a defect in taoxi, KeyError: 'kept'."
            " Report it with what the folder holds."
        )
    ]
    assert [(out / name).exists() for name in (PAGE, CARD, CROISSANT)] == [False, True, True]


def test_a_page_may_be_removed(made: Folder, tmp_path: Path) -> None:
    """It is no part of the output: verification does not miss it, and no manifest lists it."""
    _, folder = run(tmp_path / "out", jsonl(tmp_path / "in.jsonl", [pages(1)]))
    (folder.path / PAGE).unlink()
    assert verify(folder.path).complaints == ()
    assert not [remark for remark in verify(made.path).remarks if PAGE in remark.message]


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 2, "50%"), (0, 5, "0%"), (5, 5, "100%"), (1, 10_000, "<0.1%"), (9_999, 10_000, ">99.9%"), (1, 0, "–")],
)
def test_shares_do_not_round_to_none_or_all(part: int, whole: int, expected: str) -> None:
    """A reader must see that something is left, or that something went."""
    assert share(part, whole) == expected


def test_words_are_plain_text() -> None:
    """They are put into the page as they are escaped; none needs markup, and Chinese ones have Chinese punctuation."""
    for lang in Lang:
        words = tomllib.loads(resources("taoxi.corpus.page").joinpath(f"{lang}.toml").read_text("utf-8"))
        assert not [text for text in words.values() if re.search(r"[<>&]", text)]
        if lang is Lang.ZH:
            assert not [text for text in words.values() if re.search(r"[\u4e00-\u9fff][,;:?!]", text)]


def test_the_manifest_is_json_with_alarms(made: Folder) -> None:
    """Programs that watch runs find them there."""
    assert json.loads((made.path / "runs" / "000001.json").read_bytes())["counts"]["alarms"] == []

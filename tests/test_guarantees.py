"""Guarantees 1 to 3 of the design, on generated dumps, against what a slow and simple reading of them says."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taoxi.corpus.options import DEFAULT_SIMILARITY, LINE_RULES
from taoxi.dedup.judge import CONTAINED
from taoxi.dedup.minhash import BANDS, PERMUTATIONS, ROWS, SHORTEST
from taoxi.dedup.sign import sign
from taoxi.normalize.characters.walk import normalize_documents, normalize_stream
from tests.support import (
    FULL_WIDTH,
    Row,
    edited,
    jsonl,
    list_page,
    place_of,
    prose,
    restored,
    run,
    unaccounted,
    whole,
)

# Dumps

texts = st.integers(0, 5).map(lambda seed: "\n".join(prose(50 * seed + k, 30 + 35 * (k % 4)) for k in range(2 + seed)))
"""One of six base texts of two to seven paragraphs, some too short to be paragraphs of their own."""


def _wide(base: str, _draw: st.DrawFn) -> str:
    return base.translate(FULL_WIDTH).replace("。", "。\u200b")


def _edited(base: str, draw: st.DrawFn) -> str:
    return edited(base, draw(st.integers(1, 40)), draw(st.sampled_from("龥鼎")))


def _part(base: str, draw: st.DrawFn) -> str:
    lines = base.split("\n")
    return "\n".join(lines[: draw(st.integers(1, len(lines)))])


def _longer(base: str, draw: st.DrawFn) -> str:
    return base + "\n" + prose(draw(st.integers(900, 905)), draw(st.sampled_from([10, 60, 200])))


def _quoted(base: str, draw: st.DrawFn) -> str:
    other = draw(texts).split("\n")
    return "\n".join([*other[:1], *base.split("\n")[:2], *other[1:]])


def _twice(base: str, draw: st.DrawFn) -> str:
    lines = base.split("\n")
    between = draw(st.sampled_from([[], [""], [prose(77, 40)]]))
    return "\n".join([*lines, *between, *lines[draw(st.integers(0, len(lines) - 1)) :]])


def _foreign(base: str, draw: st.DrawFn) -> str:
    """Return it with a few long words, which are many characters and few tokens."""
    return base + " standardization" * draw(st.integers(1, 6))


def _short(_base: str, draw: st.DrawFn) -> str:
    return prose(draw(st.integers(800, 803)), 9)[: draw(st.integers(0, 18))]


def _odd(_base: str, draw: st.DrawFn) -> str:
    odd = ["", " \n", "……", "++", "C++", "C#", "①②", "\ufeff", "Ａ１", "a1", "ａ\u3000b", "😀"]
    return draw(st.sampled_from(odd))


VARIANTS = [lambda base, _draw: base, _wide, _edited, _part, _longer, _quoted, _twice, _foreign, _short, _odd]
"""What dumps make of a text: exact, wide, edited, cut, extended, quoted, repeated, mixed copies; and no text at all."""


@st.composite
def variants(draw: st.DrawFn) -> str:
    """Return a base text as it may come in a dump."""
    variant: Callable[[str, st.DrawFn], str] = draw(st.sampled_from(VARIANTS))
    return variant(draw(texts), draw)


records = st.lists(variants(), min_size=1, max_size=14)


@st.composite
def sources(draw: st.DrawFn) -> dict[str, bytes]:
    """Return the files of a dump: JSON lines, CSV, texts, list pages."""
    found: dict[str, bytes] = {}
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["jsonl", "csv", "text", "list"]))
        if kind == "jsonl":
            found[f"{number}.jsonl"] = json_lines(draw(records))
        elif kind == "csv":
            found[f"{number}.csv"] = csv_rows(draw(records))
        elif kind == "text":
            encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
            found[f"{number}.txt"] = ("\n" + draw(texts) + "\n\n" + draw(texts)).encode(encoding)
        else:
            found[f"{number}.txt"] = list_page(draw(st.lists(st.integers(600, 606), min_size=3, max_size=6))).encode()
    return found


def json_lines(texts_: list[str]) -> bytes:
    """Return texts as JSON lines, with empty lines between them here and there."""
    with tempfile.TemporaryDirectory() as folder:
        lines = jsonl(Path(folder) / "x.jsonl", texts_).read_bytes().splitlines(keepends=True)
    return b"".join(line + b"\n" * (k % 5 == 2) for k, line in enumerate(lines))


def csv_rows(texts_: list[str]) -> bytes:
    """Return texts as CSV with a header, breaks and quotes inside the fields."""
    rows = [f'{k},"{text}","say ""hi"""' for k, text in enumerate(texts_)]
    return ("\ufeffid,text,note\r\n" + "\r\n".join(rows)).encode()


# Runs


@dataclass(frozen=True)
class Run:
    """A finished run on a generated dump."""

    data: dict[str, bytes]
    corpus: list[Row]
    ledger: list[Row]
    sources: list[Row]

    @cached_property
    def documents(self) -> list[Row]:
        """All documents that were judged, in natural order, each with its text as it was judged (``before``)."""
        order = {row["source"]: place for place, row in enumerate(self.sources)}
        rows = [*self.corpus, *(row for row in self.ledger if row["kind"] == "document" and row["reason"] != "empty")]
        rows.sort(key=lambda row: (order[row["source"]], row["record"], row["part"]))
        return [{**row, "before": restored(row, self.ledger)} for row in rows]


def cleaned(data: dict[str, bytes], **options: Any) -> Run:  # noqa: ANN401 - passed on to the options
    """Clean the files of a dump."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump"
        dump.mkdir()
        for name, content in data.items():
            (dump / name).write_bytes(content)
        _, out = run(Path(folder) / "out", dump, **options)
        corpus, ledger, inputs = (
            [{**row, "source": Path(row["source"]).name} for row in rows]
            for rows in (out.corpus, out.ledger, out.sources)
        )
    return Run(data, corpus, ledger, inputs)


options = st.fixed_dictionaries(
    {"keep": st.sampled_from(["longest", "first"]), "similarity": st.sampled_from([0.5, DEFAULT_SIMILARITY, 0.9, 1.0])}
)


def check(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the settings of the property tests: few examples, as each is a whole run."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
    )


def normalized(text: str) -> str:
    """Return a text after the character rules, as a document of its own."""
    data = np.frombuffer(text.encode(), np.uint8)
    return normalize_documents(data, np.array([0, len(data)])).text.tobytes().decode()


# 1: nothing is lost


@check(18)
@given(records, st.sampled_from([json_lines, csv_rows]), st.sampled_from(["keep", "cut"]))
def test_corpus_and_ledger_restore_every_document(
    texts_: list[str], write: Callable[[list[str]], bytes], passages: str
) -> None:
    """Each record's normalized text, exactly: as a document kept or removed, with its passages put back."""
    name = "a.jsonl" if write is json_lines else "a.csv"
    made = cleaned({name: write(texts_)}, passages=passages)
    found = [row["before"] for row in made.documents]
    assert found == [text for text in map(normalized, texts_) if text]
    empty = [row for row in made.ledger if row["reason"] == "empty"]
    assert len(found) + len(empty) == len(texts_)


@check(15)
@given(sources(), st.sampled_from(["auto", "none"]))
def test_every_byte_is_in_a_span(data: dict[str, bytes], split: str) -> None:
    """Of a document or of a row of the ledger, without an exception."""
    made = cleaned(data, split=split)
    assert all(row["error"] is None for row in made.sources)
    for name, content in data.items():
        rows = [row for row in [*made.corpus, *made.ledger] if row["source"] == name]
        assert unaccounted(len(content), rows) == [], name


@check(15)
@given(sources())
def test_the_pieces_of_a_text_are_the_text(data: dict[str, bytes]) -> None:
    """Documents and what was cut from between them, one after another, are the normalized text, but for breaks."""
    made = cleaned(data)
    for name, content in data.items():
        if not name.endswith(".txt"):
            continue
        pieces = [row for row in made.ledger if row["source"] == name and row["kind"] in {"separator", "chrome"}]
        documents = [row for row in made.documents if row["source"] == name]
        rows = sorted([*pieces, *documents], key=lambda row: (row["byte_start"], row["byte_end"]))
        joined = "".join(row.get("before", row["text"]) for row in rows)
        encoding = made.sources[list(data).index(name)]["encoding"]
        utf8 = np.frombuffer(content.decode(encoding).removeprefix("\ufeff").encode(), np.uint8)
        whole = normalize_stream(utf8, np.array([0, len(utf8)])).text.tobytes().decode()
        assert joined.replace("\n", "") == whole.replace("\n", "")


LAYOUT = (
    "首页|新闻|图片",
    "上一篇:无",
    "Copyright 2024 某某网 版权所有",
    "更多资料+AAA:xx",
    "第3页 共9页",
    "- 4 -",
    "政府工作报告",
    "",
    "5",
)


@st.composite
def laid_out(draw: st.DrawFn) -> str:
    """Return a text that pages cut into lines, with what they print around and between these."""
    lines = draw(variants()).split("\n")
    for _ in range(draw(st.integers(0, 4))):
        k = draw(st.integers(0, len(lines) - 1))
        at = draw(st.integers(0, len(lines[k])))
        lines[k : k + 1] = [lines[k][:at] + draw(st.sampled_from(["", *LAYOUT])), lines[k][at:]]
        lines[k + 1 : k + 1] = draw(st.lists(st.sampled_from(LAYOUT), max_size=2))
    head, tail = (draw(st.lists(st.sampled_from(LAYOUT), max_size=4)) for _ in range(2))
    return "\n".join([*head, *lines, *tail])


@check(15)
@given(st.lists(laid_out(), min_size=3, max_size=14), st.sampled_from([300, 1 << 22]))
def test_corpus_and_ledger_restore_what_the_page_added(texts_: list[str], size: int) -> None:
    """Chrome, furniture and watermarks go back to their places, and lines that were joined are parted again."""
    made = cleaned({"a.jsonl": json_lines(texts_)}, batch_bytes=size)
    assert [whole(row, made.ledger) for row in made.documents] == [text for text in map(normalized, texts_) if text]


MENU = "<div class='nav'><a href='/'>首页</a><a href='/a'>要闻</a></div>"
FOOT = "<div class='footer'>版权所有 某某网</div>"


@st.composite
def web_pages(draw: st.DrawFn) -> str:
    """Return a page with a text as paragraphs or broken lines, and more or less around it."""
    lines = draw(variants()).split("\n")
    body = draw(
        st.sampled_from(["".join(f"<p>{line}</p>" for line in lines), "<br>".join(lines), "<ul><li>".join(lines)])
    )
    title = draw(st.sampled_from(["", "<h1>标题</h1>"]))
    before, behind = draw(st.sampled_from([("", ""), (MENU, FOOT), (MENU + FOOT, MENU), (FOOT, "")]))
    text = f"{before}<div>{title}{body}</div>{behind}"
    return f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body>{text}</body></html>"


@check(18)
@given(st.lists(web_pages(), min_size=1, max_size=8), st.sampled_from(["keep", "cut"]), st.sampled_from([300, 1 << 22]))
def test_corpus_and_ledger_restore_every_page(pages_: list[str], passages: str, size: int) -> None:
    """All visible lines of each page, exactly, and every byte in a span, whatever was set aside or cut afterwards."""
    data = {"a.html": "\n".join(pages_).encode()}
    made = cleaned(data, passages=passages, batch_bytes=size)
    plain = cleaned(data, passages=passages, batch_bytes=size, main="off", chrome="off", without=LINE_RULES)
    wholes = {row["record"]: whole(row, made.ledger) for row in made.documents}
    assert wholes == {row["record"]: row["before"] for row in plain.documents}
    assert unaccounted(len(data["a.html"]), [*made.corpus, *made.ledger]) == []


# 2: no removal without proof


@check(18)
@given(sources(), options)
def test_every_removal_was_measured_against_a_kept_document(data: dict[str, bytes], chosen: dict[str, Any]) -> None:
    """The figure in the ledger is what comes of measuring the two texts again, and it reaches the threshold."""
    made = cleaned(data, **chosen)
    kept = {row["id"]: row["before"] for row in made.documents if "copies" in row}
    for row in made.documents:
        if "copies" in row:
            continue
        leader, own = Document(kept[row["leader"]]), Document(row["before"])
        if row["reason"] == "exact":
            assert row["similarity"] == 1.0
            assert own.exact == leader.exact
        elif row["reason"] == "near":
            assert row["similarity"] == own.matches(leader) / PERMUTATIONS
            assert row["similarity"] >= chosen["similarity"]
        else:
            assert row["reason"] == "contained"
            assert row["similarity"] == own.held_by(leader) / own.tokens
            assert row["similarity"] >= CONTAINED


@check(15)
@given(sources(), options)
def test_at_least_one_copy_of_everything_stays(data: dict[str, bytes], chosen: dict[str, Any]) -> None:
    """Whoever leads is kept, so a document's text is in the corpus, or one that was measured to be like it."""
    made = cleaned(data, **chosen)
    kept = {row["id"] for row in made.corpus}
    assert len(kept) == len(made.corpus)
    assert {row["leader"] for row in made.documents if "copies" not in row} <= kept
    assert sum(row["copies"] for row in made.corpus) == len(made.documents)
    assert bool(kept) == bool(made.documents)


# 3: sequential greedy, exactly


class Document:
    """What the library computes of one text by itself."""

    def __init__(self, text: str) -> None:
        """Sign the text alone."""
        data = np.frombuffer(text.encode(), np.uint8)
        signed = sign(data, np.array([0, len(data)]))
        self.text = text
        self.tokens = int(signed.tokens[0])
        self.signature = signed.signatures[0]
        marks = tuple(signed.exact[0].tolist())
        self.exact: object = marks if any(marks) else text
        """What stands for the fold; a text that folds to nothing stands for itself."""
        self.paragraphs = list(zip(signed.paragraphs.tolist(), signed.paragraph_places[:, 3].tolist(), strict=True))

    def matches(self, other: Document) -> int:
        """Return how many values of the signatures agree."""
        return int((self.signature == other.signature).sum())

    def shares_bucket(self, other: Document) -> bool:
        """Whether all values of a band agree."""
        same = (self.signature == other.signature)[: BANDS * ROWS].reshape(BANDS, ROWS)
        return bool(same.all(1).any())

    def held_by(self, other: Document) -> int:
        """Return the tokens of this document in paragraphs that the other one holds too."""
        theirs = {value for value, _ in other.paragraphs}
        return sum(size for value, size in self.paragraphs if value in theirs)


Judgement = tuple[str, int, float]


def oracle(documents: list[Row], keep: str, similarity: float) -> dict[int, Judgement]:
    """Judge documents as DESIGN says, comparing each with all kept ones; return reason, leader and figure by number."""
    signed = [Document(row["before"]) for row in documents]
    order = list(range(len(documents)))
    if keep == "longest":
        # The id is that of the text without its own repeats, which is what is compared and kept.
        order.sort(key=lambda k: (-len(documents[k]["text"]), documents[k]["id"], k))
    kept: list[int] = []
    verdicts: dict[int, Judgement] = {}
    for k in order:
        verdict = judge(signed[k], [(other, signed[other]) for other in kept], similarity)
        if verdict is None:
            kept.append(k)
        else:
            verdicts[k] = verdict
    return verdicts


def judge(own: Document, kept: list[tuple[int, Document]], similarity: float) -> Judgement | None:
    """Judge one document by the kept ones before it; of equally good leaders the first is taken."""
    for k, other in kept:
        if own.exact == other.exact:
            return "exact", k, 1.0
    if own.tokens < SHORTEST:
        return None
    long = [(k, other) for k, other in kept if other.tokens >= SHORTEST]
    near = [(own.matches(other), -place) for place, (_, other) in enumerate(long) if own.shares_bucket(other)]
    best, place = max(near, default=(0, 0))
    if near and best / PERMUTATIONS >= similarity:
        return "near", long[-place][0], best / PERMUTATIONS
    holding = [(own.held_by(other), -place) for place, (_, other) in enumerate(long)]
    best, place = max(holding, default=(0, 0))
    if holding and best >= CONTAINED * own.tokens:
        return "contained", long[-place][0], best / own.tokens
    return None


@check(18)
@given(sources(), options)
def test_the_verdicts_are_those_of_the_plain_rule(data: dict[str, bytes], chosen: dict[str, Any]) -> None:
    """Who goes, why, for whom and with which figure: as if every document had been compared with every kept one."""
    made = cleaned(data, **chosen)
    documents = made.documents
    numbers = {place_of(row): k for k, row in enumerate(documents)}
    kept = {row["id"]: numbers[place_of(row)] for row in made.corpus}
    found = {
        k: (row["reason"], kept[row["leader"]], row["similarity"])
        for k, row in enumerate(documents)
        if "copies" not in row
    }
    assert found == oracle(documents, chosen["keep"], chosen["similarity"])

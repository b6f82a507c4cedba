"""Real dumps: what the product promises to make of them. Skipped where there is no ../shared beside the checkout."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from taoxi.corpus import Options, clean
from taoxi.corpus.options import LINE_RULES
from taoxi.corpus.report import Report
from taoxi.dedup.tokens import shingle_hashes
from tests.support import whole

FULL = {code - 0xFEE0: code for code in range(0xFF01, 0xFF5F) if not chr(code - 0xFEE0).isalnum()}
"""ASCII punctuation to its full-width form."""
HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
EVERYTHING_FULL = {code - 0xFEE0: code for code in range(0xFF01, 0xFF5F)} | {0x20: 0x3000}

VARIANTS: dict[str, Callable[[str], bytes]] = {
    "gb18030": lambda text: text.encode("gb18030"),
    "utf-16": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16-be-bom": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
    "utf-8-sig": lambda text: codecs.BOM_UTF8 + text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "crlf-gb18030": lambda text: text.replace("\n", "\r\n").encode("gb18030"),
    "full": lambda text: text.translate(FULL).encode(),
    "half": lambda text: text.translate(HALF).encode(),
    "everything-full": lambda text: text.translate(EVERYTHING_FULL).encode(),
}

Rows = list[dict[str, Any]]


def run(out: Path, *inputs: Path, **settings: Any) -> tuple[Report, Rows, Rows]:  # noqa: ANN401 - passed on
    """Clean inputs into a folder; return the report, the corpus and the ledger."""
    report = clean(Options(inputs=tuple(map(str, inputs)), out=str(out), **settings))
    return report, pq.read_table(out / "corpus").to_pylist(), pq.read_table(out / "removed").to_pylist()


@pytest.fixture(scope="module")
def cleaned(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Rows, Rows]:
    """Clean the user's five dumps once."""
    return run(tmp_path_factory.mktemp("dumps") / "out", shared / "dumps")


def by_dump(rows: Rows) -> dict[str, Rows]:
    """Group rows by the number that a dump's name begins with."""
    groups: dict[str, Rows] = {}
    for row in rows:
        groups.setdefault(Path(row["source"]).name[:3], []).append(row)
    return groups


def test_the_five_dumps_give_29_documents(cleaned: tuple[Report, Rows, Rows]) -> None:
    """Ten, ten, one, seven, and one whose seven other copies are exact duplicates that name it."""
    report, corpus, ledger = cleaned
    documents = by_dump(corpus)
    assert {name: len(rows) for name, rows in documents.items()} == {"000": 10, "001": 10, "002": 1, "003": 7, "004": 1}
    copies = [row for row in ledger if row["kind"] == "document"]
    kept = documents["004"][0]
    assert [(row["reason"], row["leader"]) for row in copies] == [("exact", kept["id"])] * 7
    assert {row["source"] for row in copies} == {kept["source"]}
    assert kept["copies"] == 8
    assert (report.documents, report.kept, report.removed) == (36, 29, {"exact": 7})


def test_list_pages_and_compilations_have_titles_and_dates(cleaned: tuple[Report, Rows, Rows]) -> None:
    """Titles and dates are lifted into fields, and the contents page of the compilation is in the ledger."""
    _, corpus, ledger = cleaned
    documents = by_dump(corpus)
    for row in documents["000"] + documents["001"]:
        assert row["title"]
        assert row["date"] in {"2025-07-30", "2025-07-29", "2025-07-08"}
        assert row["title"] not in row["text"]
    assert [row["title"] for row in documents["003"]] == [
        f"2024年{city}市政府工作报告" for city in ("济南", "沈阳", "福州", "本溪", "盘锦", "商丘", "内江")
    ]
    contents = [row["text"] for row in ledger if row["reason"] == "contents"]
    assert len(contents) == 1
    assert contents[0].count("政府工作报告") == 23


def test_no_full_width_form_is_left_and_chinese_punctuation_is_as_it_was(
    shared: Path, cleaned: tuple[Report, Rows, Rows]
) -> None:
    """U+FF01 to U+FF5E and U+3000 are gone; 。、“”《》 are as many as in the dumps."""
    _, corpus, ledger = cleaned
    texts = "".join(row["text"] or "" for row in corpus + ledger)
    assert not any("\uff01" <= char <= "\uff5e" or char == "\u3000" for char in texts)
    raw = "".join(path.read_text("utf-8") for path in (shared / "dumps").iterdir())
    for mark in "。、“”《》‘’—【】":
        assert texts.count(mark) == raw.count(mark) + (raw.count("―") if mark == "—" else 0)


def test_watermarks_and_page_breaks_are_gone_and_nothing_else(
    shared: Path, tmp_path: Path, cleaned: tuple[Report, Rows, Rows]
) -> None:
    """Sentences read on where a watermark or a page stood; headings and salutations stay lines of their own."""
    _, corpus, ledger = cleaned
    texts = [row["text"] for row in corpus]
    everything = "\n".join(texts)
    assert not re.search(r"更多资料|更多材料|公众号|下转|正文复制|\n合集|- 企业入驻|点我投稿|- 联系我们", everything)
    assert "积极争创全国营商环境创新试点城市。" in everything
    furniture = [row for row in ledger if row["kind"] == "furniture"]
    assert [row["text"] for row in furniture if row["reason"] == "turn_notice"] == ["(下转4版)"]
    assert len([row for row in furniture if row["reason"] == "watermark"]) == 18
    assert all(len(row["text"]) < 20 for row in furniture)
    assert all(whole(row, ledger) for row in corpus)
    _, plain, _ = run(tmp_path / "plain", shared / "dumps", chrome="off", without=LINE_RULES)
    for row, before in zip(corpus, plain, strict=True):
        lines, old = row["text"].split("\n"), before["text"].split("\n")
        for form in (r"[一二三四五六七八九十]+、.{2,30}$", r"\([一二三四五六七八九十]+\).{2,20}$", "各位代表[:,]?$"):
            assert [line for line in old if re.match(form, line)] == [line for line in lines if re.match(form, line)]
        assert re.sub(r"\s", "", whole(row, ledger)) == re.sub(r"\s", "", before["text"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_texts_come_out_of_every_encoding_and_width(
    shared: Path, tmp_path: Path, cleaned: tuple[Report, Rows, Rows], variant: str
) -> None:
    """A dump re-encoded, with other line ends or another width, gives the texts of the original."""
    folder = tmp_path / "in"
    write_variant(shared, folder, variant)
    report, corpus, _ = run(tmp_path / "out", folder)
    assert [row["text"] for row in corpus] == [row["text"] for row in cleaned[1]]
    assert [(row["title"], row["date"]) for row in corpus] == [(row["title"], row["date"]) for row in cleaned[1]]
    assert not report.problems


def test_all_variants_together_still_give_29_documents(shared: Path, tmp_path: Path) -> None:
    """Variants are exact copies of each other."""
    for variant in VARIANTS:
        write_variant(shared, tmp_path / "in" / variant, variant)
    report, corpus, ledger = run(tmp_path / "out", shared / "dumps", tmp_path / "in")
    assert len(corpus) == 29
    assert report.removed == {"exact": 36 * (len(VARIANTS) + 1) - 29}
    assert {row["leader"] for row in ledger if row["kind"] == "document"} <= {row["id"] for row in corpus}


def write_variant(shared: Path, folder: Path, variant: str) -> None:
    """Write the five dumps in a variant."""
    folder.mkdir(parents=True)
    for path in (shared / "dumps").iterdir():
        (folder / path.name).write_bytes(VARIANTS[variant](path.read_text("utf-8")))


def test_31_provincial_reports_are_31_documents(shared: Path, tmp_path: Path) -> None:
    """CSV with a byte order mark and quoted line breaks, one record each; URL and date are recognized."""
    report, corpus, _ = run(tmp_path / "out", shared / "real" / "gov-2026")
    assert (report.documents, len(corpus)) == (31, 31)
    for row in corpus:
        assert row["url"].startswith("http")
        assert row["site"] != row["source"].rpartition("/")[0]
        assert row["date"]
        assert "province" in row["meta"]


def test_a_manual_in_three_releases_loses_its_page_copies(shared: Path, tmp_path: Path) -> None:
    """Each removed page names a leader whose exact Jaccard similarity agrees with the ledger within sampling error."""
    report, corpus, ledger = run(tmp_path / "out", shared / "real" / "iotdb-zh")
    texts = {row["id"]: row["text"] for row in corpus}
    copies = [row for row in ledger if row["kind"] == "document" and row["reason"] in {"exact", "near"}]
    assert report.kept + sum(report.removed.values()) == report.documents
    assert len(copies) > 50
    for row in copies:
        left, right = set(shingle_hashes(row["text"]).tolist()), set(shingle_hashes(texts[row["leader"]]).tolist())
        jaccard = len(left & right) / len(left | right) if left | right else 1.0
        error = np.sqrt(max(jaccard * (1 - jaccard), 0.01) / 128)
        assert row["similarity"] >= 0.7
        assert abs(row["similarity"] - jaccard) < 4 * error, row["source"]

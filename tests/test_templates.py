"""Same words, other facts: siblings of a template stay, copies go, and a large family takes no longer."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import siblings_languages, siblings_short
from benchmarks.siblings import measure
from benchmarks.siblings_held import HELD
from benchmarks.siblings_kinds import SEEN, TUNED
from taoxi.corpus import Options, explain, verify
from taoxi.corpus.options import UsageError
from taoxi.corpus.state import stamps
from taoxi.dedup import families
from taoxi.dedup.differences import CHANGED, EQUAL, SCATTERED, SPANS
from taoxi.dedup.families import AGREEING, KEYS, LISTED
from taoxi.dedup.judge import Verdict, Verdicts, judge
from taoxi.dedup.memory import addresses
from taoxi.dedup.minhash import PERMUTATIONS
from taoxi.dedup.paragraphs import ParagraphIndex
from taoxi.dedup.sign import sign
from taoxi.dedup.templates import compare, compare_all
from tests.support import Folder, edited, jsonl, prose, run
from tests.test_append import state

CASES = [
    json.loads(line)
    for line in Path(__file__).with_name("cases").joinpath("templates.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_siblings_are_told_from_copies(case: dict[str, str]) -> None:
    """Whichever of the two comes first, a pair is what its label says."""
    siblings = [compare(case["left"], case["right"]).sibling, compare(case["right"], case["left"]).sibling]
    assert siblings == [case["verdict"] == "sibling"] * 2


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_text_is_a_copy_of_itself(case: dict[str, str]) -> None:
    """Nothing differs between a text and itself, and a text is no sibling of what has nothing in common with it."""
    assert not compare(case["left"], case["left"]).sibling
    assert not compare(case["left"], "").sibling
    assert not compare("", case["left"]).sibling


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("共1,234例", "共1234例"),
        ("共一千二百三十四例", "共1234例"),
        ("二〇二四年三月五日", "2024年3月5日"),
        ("二○二四年", "2024年"),
        ("2024-03-05的会议", "2024年3月5日的会议"),
        ("1.2万元", "12000元"),
        ("三千五百万人", "3500万人"),
        ("一亿三千万元", "1.3亿元"),
        ("12.50%", "12.5%"),
        ("1234", "１２３４"),
        ("1,234,567人", "1234567人"),
        ("两千人", "2000人"),
        ("貳拾萬元", "20万元"),
    ],
)
def test_other_writings_of_a_number_are_the_same(left: str, right: str) -> None:
    """Between other writings of a number nothing differs, and between them and another number something does."""
    around = "全市今年以来接待前来考察学习的各地客人{}比去年同期有所增加"
    counts = compare_all([around.format(text).encode() for text in (left, right, "77")], np.array([[0, 1], [0, 2]]))[1]
    facts = [CHANGED, SPANS, SCATTERED]
    assert counts[0, facts].sum() == 0
    assert counts[1, facts].sum() > 0


def test_a_note_of_the_page_leaves_no_marks() -> None:
    """Characters behind a note that is left out are no numbers, though those of the note stood in their places."""
    text = "全面深化改革会议召开,听取了各部门关于农业和工业的工作汇报,讨论了进一步优化营商环境的意见"
    note = "2024-03-05 10:22 来源:南方时报 浏览:1,234次\n"
    counts = compare_all([(note + text).encode(), text.encode()], np.array([[0, 1]]))[1]
    assert (counts[0, EQUAL], counts[0, CHANGED]) == (0, 0)


def judged(
    texts: list[str], folder: Path, *, thin: bool = False, signatures: NDArray[np.uint32] | None = None
) -> Verdicts:
    """Judge texts in their order, by their own signatures or by others."""
    data = np.frombuffer("".join(texts).encode(), np.uint8)
    offsets = np.cumsum([0, *(len(text.encode()) for text in texts)])
    signed = sign(data, offsets)
    with ParagraphIndex(folder) as index:
        index.add(signed.paragraphs, signed.paragraph_places[:, 0], signed.paragraph_places[:, 3])
        shared = index.shared(len(texts))
    numbers = np.arange(len(texts))
    where = addresses(data, offsets)
    signatures = signed.signatures if signatures is None else signatures
    return judge(numbers, signed.tokens, signed.exact, signatures, shared, 0.7, texts=where, thin=thin)


def pages(count: int) -> list[str]:
    """Return pages of a template that differ in one number, with long paragraphs that all have."""
    body = "\n".join(prose(seed) for seed in range(4))
    return [f"您查看的是编号为{10_000 + k}的商品,它的说明如下。\n{body}" for k in range(count)]


def test_a_large_family_is_judged_in_linear_time(tmp_path: Path) -> None:
    """3,000 pages that differ in one number all stay, and each is compared once; a copy of any of them goes for it."""
    texts = pages(3000)
    copies = [edited(texts[k][20:], 3).join([texts[k][:20], ""]) for k in (0, 700, 1500, 2999)]
    verdicts = judged([*texts, *copies], tmp_path)
    assert (verdicts.verdict[:3000] == Verdict.KEPT).all()
    assert verdicts.template.first[:3000].tolist() == [-1] + [0] * 2999
    assert verdicts.verdict[3000:].tolist() == [Verdict.NEAR] * 4
    assert verdicts.leader[3000:].tolist() == [0, 700, 1500, 2999]
    assert verdicts.compared <= 3000 + 4 * 20


def test_facts_of_few_values_stay_linear(tmp_path: Path) -> None:
    """Where many members share most of their facts, lists of them stay short, and so do comparisons."""
    rng = random.Random(5)
    body = "\n".join(prose(seed) for seed in range(4))
    words = "今天前台{}人,后台{}人,食堂{}人,车队{}人,仓库{}人。\n"
    texts = [words.format(*(rng.randint(0, 9) for _ in range(5))) + body for _ in range(2500)]
    verdicts = judged(texts, tmp_path)
    assert verdicts.compared <= (1 + KEYS * LISTED) * len(texts) / 4
    half = judged(texts[:1250], tmp_path)
    assert verdicts.compared <= 3 * half.compared


def test_a_family_that_cannot_lead_is_not_compared(tmp_path: Path) -> None:
    """Copies of a page that also meet a small family, but agree with it less, are compared with their page alone."""
    family, page = pages(2), prose(77)
    texts = [*family, page, *(edited(page, 1 + k) for k in range(40))]
    rng = np.random.default_rng(1)
    first, other = rng.integers(0, 1 << 32, (2, PERMUTATIONS), np.uint32)
    signatures = np.tile(first, (len(texts), 1))
    signatures[1, -8:] = other[:8]
    signatures[2, 88:] = other[88:]  # near enough to no one
    signatures[3:, 96:] = other[96:]  # in 96 values the family's first, in 120 the page
    verdicts = judged(texts, tmp_path, signatures=signatures)
    assert verdicts.template.first[:3].tolist() == [-1, 0, -1]
    assert verdicts.verdict[3:].tolist() == [Verdict.NEAR] * 40
    assert verdicts.leader[3:].tolist() == [2] * 40
    assert verdicts.compared == 1 + 40


def test_a_cut_copy_of_a_member_is_contained_in_it(tmp_path: Path) -> None:
    """Half of a page goes for that page, not for the first of its family, whose number is another one."""
    texts = [f"{prose(90 + k)}\n{page}" for k, page in enumerate(pages(40))]
    half = "\n".join(texts[25].split("\n")[:3])
    verdicts = judged([*texts, half], tmp_path)
    assert (verdicts.verdict[40], verdicts.leader[40]) == (Verdict.CONTAINED, 25)


def test_siblings_are_thinned_on_request(tmp_path: Path) -> None:
    """With ``thin`` all but the first go, with the reason, the leader and the similarity."""
    verdicts = judged(pages(20), tmp_path, thin=True)
    assert verdicts.verdict.tolist() == [Verdict.KEPT] + [Verdict.TEMPLATE] * 19
    assert (verdicts.leader[1:] == 0).all()
    assert (verdicts.similarity[1:] >= 0.7).all()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    """Return a dump of bulletins, copies of some of them, and other texts."""
    siblings = pages(60)
    copies = [edited(siblings[k][20:], 2).join([siblings[k][:20], ""]) for k in (3, 31)]
    return jsonl(tmp_path / "dump.jsonl", [*siblings, *copies, *(prose(k, 300) for k in range(500, 510))])


def columns(folder: Folder) -> Iterator[tuple[str, str | None]]:
    """Yield the id and the template of each row of the corpus."""
    yield from ((row["id"], row["template"]) for row in folder.corpus)


def test_siblings_are_kept_and_marked(tmp_path: Path, dump: Path) -> None:
    """The corpus names the first of the family, the figures count the others, explain and verify know them."""
    report, folder = run(tmp_path / "out", dump, keep="first", chrome="off")
    rows = list(columns(folder))
    first = rows[0][0]
    assert [template for _, template in rows] == [None] + [first] * 59 + [None] * 10
    assert (report.templates, report.removed) == (59, {"near": 2})
    assert folder.manifest["counts"]["templates"] == 59
    assert explain(tmp_path / "out", rows[5][0]).kept[0].template == first
    assert list(verify(tmp_path / "out").complaints) == []


def test_thinned_siblings_are_in_the_ledger(tmp_path: Path, dump: Path) -> None:
    """With ``--templates thin`` they are rows of the reason ``template``, and verify measures them anew.

    So is the copy of page 31, whose number differs from that of the first page in two digits; that of page 3 differs
    in one, which its edits may have changed.
    """
    report, folder = run(tmp_path / "out", dump, keep="first", chrome="off", templates="thin")
    rows = [row for row in folder.ledger if row["reason"] == "template"]
    assert len(rows) == report.removed["template"] == 60
    assert {row["leader"] for row in rows} == {folder.corpus[0]["id"]}
    assert all(row["similarity"] >= 0.7 for row in rows)
    assert list(verify(tmp_path / "out").complaints) == []


def test_adding_keeps_what_one_run_keeps(tmp_path: Path, dump: Path) -> None:
    """In two runs or in one, in batches of any size, the same documents stay, in the same families."""
    lines = dump.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = [tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "c.jsonl"]
    for path, some in zip(parts, (lines[:20], lines[20:61], lines[61:]), strict=True):
        path.write_text("".join(some), encoding="utf-8")
    _, whole = run(tmp_path / "whole", *parts, keep="first", chrome="off")
    _, small = run(tmp_path / "small", *parts, keep="first", chrome="off", batch_bytes=5000)
    assert list(columns(whole)) == list(columns(small))
    out = tmp_path / "added"
    for path in parts:
        _, added = run(out, path, append=True, keep="first", chrome="off")
    assert list(columns(added)) == list(columns(whole))
    assert list(verify(out).complaints) == []
    before = state(out)
    (out / "state.duckdb").unlink()
    _, added = run(out, jsonl(tmp_path / "d.jsonl", [prose(900)]), append=True, keep="first", chrome="off")
    assert state(out)["documents"][:-1] == before["documents"]


def test_the_word_of_the_option_is_checked() -> None:
    """``--templates`` knows two words."""
    with pytest.raises(UsageError, match=r"--templates cannot be 'all'\. Give one of these: keep, thin\."):
        Options(inputs=("a",), out="b", templates="all")  # type: ignore[arg-type]


def test_facts_are_those_of_their_stamp() -> None:
    """Two texts have the sketch that they always had, or ``FACTS`` was raised."""
    texts = [text.encode() for text in pages(2)]
    sketches: NDArray[np.uint32] = compare_all(texts, np.array([[0, 1]]))[2]
    assert (stamps.FACTS, sketches[0, :3].tolist()) == (3, [810203259, 2527100755, 1223064415])


def test_members_are_found_as_often_as_is_said() -> None:
    """The row in the page on families: a pair of values agrees, and enough of all."""
    rows = [line.split() for line in (families.__doc__ or "").splitlines() if line.startswith("    ")]
    shares, said = ([float(word) for word in row if "." in word] for row in rows)
    for share, probability in zip(shares, said, strict=True):
        pair = [(1 - share) ** 2, 2 * share * (1 - share), share**2]
        # By whether a pair agrees in both, and by how many values agree.
        chances = {(False, 0): 1.0}
        for _ in range(KEYS):
            fresh: dict[tuple[bool, int], float] = defaultdict(float)
            for (both, count), chance in chances.items():
                for more, own in enumerate(pair):
                    fresh[both or more == 2, count + more] += chance * own
            chances = fresh
        found = sum(chance for (both, count), chance in chances.items() if both and count >= AGREEING)
        assert found == pytest.approx(probability, abs=0.0006)


def test_few_go_wrong_either_way() -> None:
    """Of generated siblings hardly one is removed, of their copies hardly one stays for fear of it."""
    for kinds in (TUNED, SEEN, siblings_languages.SEEN, siblings_short.SEEN, HELD):
        result = measure(kinds, 12, 4, 7)
        removed, feared = measure(kinds, 12, 0, 7).removed, result.feared
        assert removed[0] <= 0.01 * removed[1], result.texts
        assert feared[0] <= 0.02 * feared[1], result.copies

"""The benchmarks of quality, memory, scaling and peers count and read rightly; no test runs a peer or a clock."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the benchmarks importable, as they are for ``python -m`` in the checkout."""
    monkeypatch.syspath_prepend(CHECKOUT)


TRUTH = """\
0\t0\tbase\t0.0
1\t0\texact\t0.0
2\t0\tedit\t0.02
3\t0\tedit\t0.2
4\t1\tbase\t0.0
5\t1\tedit\t0.02
6\t2\ttemplate\t0.25
"""


def test_quality_counts_what_is_left_over(tmp_path: Path) -> None:
    """One of each cluster may stay, also a copy for its base; another one beside it was not found."""
    from benchmarks.quality import Tally, tally
    from benchmarks.truth import read_truth

    (tmp_path / "truth.tsv").write_text(TRUTH, encoding="utf-8")
    truth = read_truth(tmp_path / "truth.tsv")
    # The base of 0 went for document 2, and 3 stayed beside that; the base of 1 went for its copy.
    result = tally(truth, {0: 2, 1: 2, 2: 2, 3: 3, 4: 5, 5: 5, 6: 6})
    assert result == Tally(
        planted=Counter({("exact", 0.0): 1, ("edit", 0.02): 2, ("edit", 0.2): 1}),
        found=Counter({("exact", 0.0): 1, ("edit", 0.02): 2, ("edit", 0.2): 0}),
        kept=4,
        removed=3,
        wrong=0,
        vanished=0,
    )


def test_quality_finds_wrong_removals(tmp_path: Path) -> None:
    """Wrong is a leader of another cluster; and, of a tool that names none, a removal after which nothing is left."""
    from benchmarks.quality import report, tally
    from benchmarks.truth import read_truth

    (tmp_path / "truth.tsv").write_text(TRUTH, encoding="utf-8")
    truth = read_truth(tmp_path / "truth.tsv")
    named = tally(truth, {0: 0, 1: 0, 2: 0, 3: 4, 4: 4, 5: 4, 6: 0})
    assert (named.wrong, named.vanished) == (2, 1)
    silent = tally(truth, {0: 0, 1: None, 2: None, 3: None, 4: 4, 5: None, 6: None})
    assert (silent.wrong, silent.vanished) == (1, 1)
    said = report({"named": named, "silent": silent}, 3)
    assert "| tool   | kept |  exact | edit 2% | edit 20% | wrong | vanished |" in said
    assert "| named  |    2 | 100.00 |  100.00 |   100.00 |     2 |        1 |" in said


def test_exact_similarities_are_those_of_sets() -> None:
    """The index says what the sizes of intersection and union say, for shared, equal, foreign and empty sets."""
    from benchmarks.jaccard import Index

    rng = np.random.default_rng(1)
    documents = [np.unique(rng.integers(0, 60, 40).astype(np.uint32)) for _ in range(20)]
    documents += [documents[0], np.zeros(0, np.uint32), np.arange(1000, 1010, dtype=np.uint32)]
    index = Index(documents)
    for own in documents:
        mine = set(own.tolist())
        expected = [len(mine & set(other.tolist())) / max(1, len(mine | set(other.tolist()))) for other in documents]
        assert index.similarities(own).tolist() == pytest.approx(expected)


def test_brute_force_sees_what_a_run_missed() -> None:
    """A near copy that stayed counts against its band, and a removal of something else is too far."""
    from benchmarks.cleaned import Cleaned, Removal
    from benchmarks.jaccard import measure

    page = "".join(chr(0x4E00 + 7 * k) for k in range(300))
    copy = page[:150] + "龥" + page[151:]
    other = "".join(chr(0x4E00 + 7 * k) for k in range(400, 700))
    texts = pa.array([page, copy, other, page], pa.large_string())
    rows = {number: number for number in range(4)}
    missed = Cleaned(frozenset({0, 1}), {2: Removal("near", 0, 0.8), 3: Removal("exact", 0, 1.0)}, texts, rows)
    result = measure(missed, 0.7, 10, 1)
    assert {low: (band.pairs, band.settled) for low, band in result.bands.items()} == {95: (2, 1), 100: (1, 1)}
    assert (result.removals, result.too_far, result.holds) == ([0.0], 1, False)
    found = Cleaned(frozenset({0, 2}), {1: Removal("near", 0, 0.98), 3: Removal("exact", 0, 1.0)}, texts, rows)
    assert measure(found, 0.7, 10, 1).holds


def test_a_line_is_laid_through_points() -> None:
    """Points on a line give it back; one number of documents gives none."""
    from benchmarks.memory import Line, fit

    assert fit([(0, 100), (10, 4100), (20, 8100)]) == Line(100.0, 400.0)
    with pytest.raises(ValueError, match="two different numbers"):
        fit([(10, 4100), (10, 4200)])


def test_memory_is_read_from_what_the_system_tells() -> None:
    """Pages are summed by their share; mapped files do not count as a process's own."""
    from benchmarks.watching import Memory, parse

    rollup = "5581-7ffe ---p 00000000 00:00 0    [rollup]\nRss:    900 kB\nPss:    700 kB\nPss_Anon:  500 kB\n"
    assert parse(rollup + "Pss_File:  150 kB\nPss_Shmem:  50 kB\n") == Memory(700 * 1024, 550 * 1024)


def test_a_family_is_followed_down(tmp_path: Path) -> None:
    """Children of children count; one that is gone does not stop the look."""
    from benchmarks.watching import family

    for parent, children in (("1", "2 3"), ("2", "4"), ("4", "")):
        (tmp_path / parent / "task" / parent).mkdir(parents=True)
        (tmp_path / parent / "task" / parent / "children").write_text(children, encoding="ascii")
    assert family(1, tmp_path) == [1, 2, 3, 4]


def test_more_documents_share_nothing_with_the_corpus(tmp_path: Path) -> None:
    """The first repetition is the corpus; the next have its numbers and signs, and other characters."""
    from benchmarks.larger import larger, write

    docs = tmp_path / "docs.jsonl"
    lines = [{"id": k, "text": f"{'天地玄黄宇宙洪荒' * 4},第{k}章 50%。"} for k in range(3)]
    docs.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    write(tmp_path / "out.jsonl", larger(docs, 7))
    made = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [document["text"] for document in made]
    assert [document["id"] for document in made] == list(range(7))
    assert texts[:3] == [line["text"] for line in lines]
    assert all(len(text) == len(texts[0]) and text.endswith(" 50%。") for text in texts)
    assert len({text[:8] for text in texts}) == 3
    assert [len(text) for text in larger(docs, 5, 10)] == [10] * 5
    with pytest.raises(SystemExit, match=r"no text of 100 characters\. Name another file or a smaller length\."):
        list(larger(docs, 1, 100))


def test_a_cluster_differs_by_few_characters(tmp_path: Path) -> None:
    """Near pages differ in at most the edits, exact ones in nothing."""
    from benchmarks.larger import EDITS, PAGE, cluster

    docs = tmp_path / "docs.jsonl"
    text = "".join(chr(0x4E00 + k) for k in range(400))
    docs.write_text(json.dumps({"id": 0, "text": text}), encoding="utf-8")
    near = list(cluster(docs, 5, EDITS))
    assert len(set(near)) == 5
    assert all(sum(a != b for a, b in zip(page, text[:PAGE], strict=True)) <= EDITS for page in near)
    assert set(cluster(docs, 5, 0)) == {text[: PAGE // 3]}


def test_time_per_megabyte_is_compared_with_the_first() -> None:
    """Twice the input in three times the time costs one and a half times per byte; the least of the rounds counts."""
    from benchmarks.processes import Usage
    from benchmarks.scaling import least, table

    points = [
        least("1 ×", 100_000_000, [Usage(5.0, 4.0, 1), Usage(4.0, 4.5, 3_000_000)]),
        least("2 ×", 200_000_000, [Usage(12.0, 8.0, 1)]),
    ]
    last = table(points).splitlines()[-1]
    assert last == "| 2 ×   | 200 |  12.0 |   8.0 | 16.7 |       0 |        1.50 |       1.00 |"


def test_shingles_of_characters_end_with_their_text() -> None:
    """No shingle runs from one text into the next, equal shingles have equal hashes, and short texts have none."""
    from benchmarks.peers.shingling import grams, hashed

    texts = ["abcdefg", "", "abc", "xabcde", "abcdefg", "zzzz"]
    hashes, starts = hashed(texts)
    assert starts.tolist() == [0, 3, 3, 3, 5, 8, 8]
    assert hashes[0:3].tolist() == hashes[5:8].tolist()
    assert hashes[0] == hashes[4]
    assert len(set(hashes.tolist())) == 4
    assert [grams(text) for text in texts[2:4]] == [[], ["xabcd", "abcde"]]


def test_verdicts_are_greedy_and_checked(tmp_path: Path) -> None:
    """A shared band proposes, the share of equal values decides, and only kept documents are leaders."""
    from benchmarks.peers.greedy import first_come, keep_or_drop, write_verdicts
    from benchmarks.peers.running import read_verdicts

    signatures = np.array([[1, 2, 3, 4], [1, 2, 3, 9], [1, 2, 8, 9], [5, 6, 7, 8]])
    assert first_come(signatures, 2, 2, 0.75) == [0, 0, 2, 3]
    assert first_come(signatures, 2, 2, 0.0) == [0, 0, 0, 3]
    write_verdicts(tmp_path, [10, 11, 12, 13], [0, 0, 2, 3])
    assert read_verdicts(tmp_path / "verdicts.tsv") == {10: 10, 11: 10, 12: 12, 13: 13}
    write_verdicts(tmp_path, [10, 11], keep_or_drop([True, False]))
    assert read_verdicts(tmp_path / "verdicts.tsv") == {10: 10, 11: None}


def test_a_peer_that_fails_to_install_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A requirement that no index has leads to a reason in words, and the others go on."""
    from benchmarks.peers.catalogue import PEERS, Peer
    from benchmarks.peers.environments import installed

    monkeypatch.setitem(PEERS, "datasketch", Peer("datasketch", ("no such requirement",), "with_datasketch"))
    pythons, missing = installed(["datasketch"], tmp_path)
    assert not pythons
    assert missing["datasketch"].startswith("pip failed: ERROR: Invalid requirement")


def test_an_environment_that_is_done_is_used_again(tmp_path: Path) -> None:
    """What was installed for the same requirements is not installed again."""
    from benchmarks.peers.catalogue import PEERS
    from benchmarks.peers.environments import DONE, environment

    (tmp_path / "rensa").mkdir()
    (tmp_path / "rensa" / DONE).write_text("\n".join(PEERS["rensa"].requirements), encoding="utf-8")
    assert environment(PEERS["rensa"], tmp_path).parent.parent == tmp_path / "rensa"


def test_every_row_has_a_script_and_a_peer() -> None:
    """The catalogue names peers and scripts that exist, and every peer is run near taoxi and as it comes."""
    from benchmarks.peers.catalogue import DEFAULT, FLAGGED, NEAR, PEERS, ROWS
    from benchmarks.peers.running import chosen

    folder = CHECKOUT / "benchmarks" / "peers"
    assert all((folder / f"{peer.script}.py").exists() for peer in PEERS.values())
    assert {(row.peer, row.settings) for row in ROWS} >= {(name, way) for name in PEERS for way in (NEAR, DEFAULT)}
    assert {(row.peer, row.settings) for row in ROWS} >= FLAGGED
    assert [row.name for row in chosen(["rensa near", "daft"])] == ["rensa near", "daft near", "daft default"]


def test_peers_stand_beside_taoxi_by_processor_time() -> None:
    """The table has taoxi without the baseline, the fastest first, and a peer that never ended is not in it."""
    from benchmarks.processes import Usage
    from benchmarks.speed import BARE, OURS, Run, Taken, against

    runs = {BARE: Run([]), OURS: Run([]), "a near": Run([], "5-grams", writes=False), "b near": Run([], "words")}
    counted = {
        BARE: [Usage(1.0, 1.0, 1)],
        OURS: [Usage(5.0, 4.0, 400_000_000), Usage(4.0, 4.2, 390_000_000)],
        "a near": [Usage(2.0, 1.0, 100_000_000)],
        "b near": [],
    }
    lines = against(runs, Taken(counted), 80_000_000).splitlines()
    assert [line.split("|")[1].strip() for line in lines[2:]] == ["a near", OURS]
    assert [cell.strip() for cell in lines[2].split("|")[2:-1]] == [
        "detection",
        "1",
        "2.0",
        "2.0",
        "1.0",
        "80.0",
        "100",
        "0.50",
        "0.25",
        "5-grams",
    ]


def test_figures_are_written_with_their_day(tmp_path: Path) -> None:
    """The file tells the command, the day and the kind of machine, and not its name."""
    import platform

    from benchmarks.figures import save

    save(None, "speed", {"rows": []})
    save(tmp_path / "figures.json", "speed", {"rows": [1]})
    told = json.loads((tmp_path / "figures.json").read_bytes())
    assert (told["command"], told["rows"], len(told["day"])) == ("speed", [1], 10)
    assert set(told["machine"]) == {"system", "processor", "cores", "python"}
    assert platform.node() not in told["machine"].values()

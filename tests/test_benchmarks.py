"""The benchmarks count rightly; how fast anything is, no test says."""

from __future__ import annotations

import random
from collections.abc import Generator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taoxi.corpus.schema import CORPUS, LEDGER

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _from_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the benchmarks importable, as they are for ``python -m`` in the checkout."""
    monkeypatch.syspath_prepend(CHECKOUT)


def prose(seed: int) -> str:
    """Return 200 Han characters that no other seed shares."""
    rng = random.Random(seed)
    return "".join(chr(rng.randrange(0x4E00, 0x9FA0)) for _ in range(200))


def changed(text: str, count: int) -> str:
    """Return the text with as many characters replaced, evenly spread."""
    step = len(text) // count
    return "".join("龥" if k % step == step // 2 else char for k, char in enumerate(text))


KEPT = {
    0: prose(1),  # the base of cluster 0
    4: changed(prose(1), 40),  # a copy that no signature can find
    5: prose(2),  # an edited copy, whose base went for it
    7: prose(3),  # a template
    9: prose(5),  # the base of cluster 4
}
REMOVED = {
    1: ("exact", 0, 1.0, prose(1)),
    2: ("near", 0, 0.9, changed(prose(1), 2)),
    3: ("near", 0, 0.8, changed(prose(1), 3)),
    6: ("near", 5, 0.9, changed(prose(2), 2)),
    8: ("contained", 9, 0.85, prose(4)),  # the base of cluster 3, removed for a document of cluster 4
}
TRUTH = """\
0\t0\tbase\t0.0
1\t0\texact\t0.0
2\t0\tedit\t0.01
3\t0\tedit\t0.01
4\t0\tedit\t0.2
5\t1\tedit\t0.01
6\t1\tbase\t0.0
7\t2\ttemplate\t0.25
8\t3\tbase\t0.0
9\t4\tbase\t0.0
"""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Return an output folder with five kept and five removed documents, and a separator in the ledger."""
    kept = [{"id": f"{n:032x}", "text": text, "meta": f'{{"id": {n}}}'} for n, text in KEPT.items()]
    removed = [
        {
            "id": f"{n:032x}",
            "kind": "document",
            "reason": reason,
            "leader": f"{leader:032x}",
            "similarity": similarity,
            "text": text,
            "meta": f'{{"id": {n}}}',
        }
        for n, (reason, leader, similarity, text) in REMOVED.items()
    ]
    separator = {"id": "0" * 32, "kind": "separator", "reason": "delimiter", "text": "====="}
    for name, rows, schema in (("corpus", kept, CORPUS), ("removed", [*removed, separator], LEDGER)):
        (tmp_path / name).mkdir()
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / name / "000001-00000.parquet")
    return tmp_path


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    """Return the truth of the ten documents."""
    path = tmp_path / "truth.tsv"
    path.write_text(TRUTH, encoding="utf-8")
    return path


def test_recall_counts_what_was_found(out: Path, truth: Path) -> None:
    """A copy is found when it or its base went, and as a pair when their own signatures say so."""
    from benchmarks.cleaned import read_folder
    from benchmarks.recall import Score, score
    from benchmarks.truth import read_truth

    result = score(read_truth(truth), read_folder(out))
    assert result.scores == {
        ("exact", 0.0): Score(planted=1, found=1, settled=1, pairwise=1),
        ("edit", 0.01): Score(planted=3, found=3, settled=3, pairwise=3),
        ("edit", 0.2): Score(planted=1, found=0, settled=0, pairwise=0),
    }
    assert result.reasons == {"exact": 1, "near": 3, "contained": 1}
    assert (result.documents, result.kept, result.clusters) == (10, 5, 5)


def test_a_copy_that_stays_beside_another_is_not_settled(out: Path, truth: Path) -> None:
    """The base went for document 5; a further copy that was kept too is found, but left over."""
    from benchmarks.cleaned import read_folder
    from benchmarks.recall import score
    from benchmarks.truth import read_truth

    truth.write_text(TRUTH.replace("7\t2\ttemplate\t0.25", "7\t1\tedit\t0.2"), encoding="utf-8")
    line = score(read_truth(truth), read_folder(out)).scores["edit", 0.2]
    assert (line.planted, line.found, line.settled) == (2, 1, 0)


def test_recall_finds_wrong_removals(out: Path, truth: Path) -> None:
    """A leader of another cluster, and a cluster of which nothing is left, make a run unsound."""
    from benchmarks.cleaned import read_folder
    from benchmarks.recall import report, score
    from benchmarks.truth import read_truth

    known, cleaned = read_truth(truth), read_folder(out)
    result = score(known, cleaned)
    assert (result.wrong, result.leaderless, result.lost, result.vanished) == ([8], [], [], {3})
    assert not result.sound
    said = report(result, known, cleaned)
    assert "- document 8 (base) went as contained at 0.850 for document 9 (base) of another cluster" in said
    assert "Removed rightly: 4 of 5 that could go (80.00%)." in said


def test_recall_finds_lost_documents(out: Path, truth: Path) -> None:
    """A planted document that is in neither corpus nor ledger is counted, and so is a removal without a kept leader."""
    from benchmarks.cleaned import read_folder
    from benchmarks.recall import score
    from benchmarks.truth import read_truth

    (part,) = (out / "corpus").glob("*.parquet")
    pq.write_table(pq.read_table(part).slice(0, 4), part)
    result = score(read_truth(truth), read_folder(out))
    assert (result.lost, result.leaderless) == ([9], [8])


def test_recall_tells_its_result_by_its_exit_code(out: Path, truth: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script can rely on the exit code."""
    from benchmarks.recall import main

    assert main([str(truth), str(out)]) == 1
    assert "| exact      |      |       1 |     1 | 100.00% |       1 | 100.00% |" in capsys.readouterr().out


def test_recall_asks_for_numbered_documents(out: Path) -> None:
    """A corpus whose documents cannot be matched with a truth is refused with the next step."""
    from benchmarks.cleaned import read_folder

    (part,) = (out / "corpus").glob("*.parquet")
    table = pq.read_table(part)
    pq.write_table(table.set_column(table.schema.get_field_index("meta"), "meta", pa.nulls(5, pa.string())), part)
    with pytest.raises(SystemExit, match=r"has no number in its meta .* Clean a JSONL whose lines are"):
        read_folder(out)


def test_a_flip_of_width_goes_both_ways() -> None:
    """ASCII becomes full-width, full-width becomes ASCII, and Chinese punctuation stays."""
    from benchmarks.combined import FLIP

    assert "(GDP 增长７．６％),“很好”。".translate(FLIP) == "（ＧＤＰ\u3000增长7.6%），“很好”。"
    assert "(GDP 增长７．６％)".translate(FLIP).translate(FLIP) == "(GDP 增长７．６％)"


def test_edits_come_at_the_rate_that_was_asked_for() -> None:
    """At 0 nothing changes, at 3% about 3% of the characters do, and line breaks never."""
    from benchmarks.combined import edit

    text = "中\n" * 20_000
    assert edit(text, 0.0, "国", random.Random(1)) == text
    edited = edit(text, 0.03, "国", random.Random(1))
    assert edited.count("\n") == 20_000
    assert edited.count("国") == pytest.approx(400, rel=0.2)
    assert 20_000 - edited.count("中") == pytest.approx(400, rel=0.2)


def test_planted_copies_are_written_with_their_truth(tmp_path: Path) -> None:
    """Every document has its number, its cluster and its kind, in an order that tells nothing."""
    from benchmarks.combined import RATES, plant, write
    from benchmarks.truth import read_truth

    docs, truth = tmp_path / "docs.jsonl", tmp_path / "truth.tsv"
    write(list(plant([prose(1), prose(2)], seed=1)), docs, truth, seed=1)
    known = read_truth(truth)
    assert len(known) == len(docs.read_bytes().splitlines()) == 2 * (1 + len(RATES))
    assert sorted((planted.cluster, planted.kind, planted.rate) for planted in known.values()) == sorted(
        (cluster, kind, rate)
        for cluster in (0, 1)
        for kind, rate in [("base", 0.0), *(("width+edit" if rate else "width", rate) for rate in RATES)]
    )


def test_steps_add_up_to_the_run() -> None:
    """Time inside a step belongs to it alone, also when steps call each other or are generators."""
    from benchmarks.steps import REST, STEPS, Clock

    clock = Clock()
    inner, outer = list(STEPS)[:2]
    called = clock.wrap(lambda value: value + 1, inner)

    def produce() -> Generator[int, None, str]:
        yield called(1)
        return "end"

    values = clock.wrap(produce, outer)()
    assert next(values) == 2
    with pytest.raises(StopIteration) as stop:
        next(values)
    assert stop.value.value == "end"
    assert clock.switch(REST) == REST
    assert {step for step, seconds in clock.seconds.items() if seconds} == {inner, outer, REST}


def test_every_step_is_a_function_of_the_library() -> None:
    """A function that was renamed or moved would be timed as something else."""
    from benchmarks.steps import STEPS, owner

    for places in STEPS.values():
        for place in places:
            holder, name = owner(place)
            assert callable(getattr(holder, name)), place

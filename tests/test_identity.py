"""Equal input and options give equal bytes, whatever the processes, the batches, and the order of the arguments."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from taoxi.corpus import Options, clean
from taoxi.corpus.options import BATCH_BYTES, SINGLE_FILE_ENDINGS
from tests.support import edited, files, jsonl, mixed_dump, pages, prose, read_rows, run

BATCHES = [1, 3_000, 20_000]
"""Bytes of a batch: less than a record, a few records, a good part of a file; the usual batch holds all of it."""


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dump of every format, larger than several batches, with bad places in several of its files."""
    folder = mixed_dump(tmp_path_factory.mktemp("identity") / "dump")
    shared = [prose(3000 + seed, 80) for seed in range(10)]
    jsonl(
        folder / "c.jsonl",
        [f"{prose(4000 + seed, 150)}\n{shared[seed % 10]}\n{prose(5000 + seed, 150)}" for seed in range(30)],
    )
    menu = ["晨星网", "首页|要闻|专题", "分享到:微信 微博", "京ICP备12345678号"]
    jsonl(
        folder / "e.jsonl",
        [
            {
                "text": "\n".join(
                    [
                        *menu[:2],
                        f"{prose(6000 + k, 200)}{prose(k, 20)[:13]}\n第{k + 1}页 共30页\n{prose(6100 + k)}",
                        *menu[2:],
                    ]
                ),
                "url": f"https://{'one' if k % 3 else 'two'}.example/{k}",
            }
            for k in range(30)
        ],
    )
    packed = gzip.compress(b"{]\n" + jsonl(folder / "d.jsonl", map(pages, range(200, 240))).read_bytes(), mtime=0)
    (folder / "d.jsonl").write_bytes(packed[:-2000])
    lines = (folder / "a.jsonl").read_bytes().splitlines(keepends=True)
    lines[3:3] = [b"{]\n", b'{"text": "half\\ud800"}\n', b"\n", b'{"text": 5}\n']
    (folder / "a.jsonl").write_bytes(b"".join(lines)[:-20])
    return folder


def everything(folder: Path, dump: Path, **settings: str) -> None:
    """Compare the files of runs with all sizes of batches to those of a run with the usual one."""
    run(folder / "usual", dump, **settings)
    usual = files(folder / "usual")
    for batch in BATCHES:
        run(folder / str(batch), dump, batch_bytes=batch, **settings)
        assert files(folder / str(batch)) == usual


@pytest.mark.parametrize("to", ["parquet", "jsonl", "text"])
def test_batches_do_not_show_in_a_folder(dump: Path, tmp_path: Path, to: str) -> None:
    """Corpus, ledger, sources and manifest are the same to the byte."""
    everything(tmp_path, dump, to=to)


@pytest.mark.parametrize("options", [{"keep": "first"}, {"passages": "cut"}, {"width": "full", "split": "none"}])
def test_batches_do_not_show_under_other_options(dump: Path, tmp_path: Path, options: dict[str, str]) -> None:
    """Neither in what is cut, nor in who is a leader."""
    everything(tmp_path, dump, **options)


@pytest.mark.parametrize("ending", SINGLE_FILE_ENDINGS)
def test_batches_do_not_show_in_a_file(dump: Path, tmp_path: Path, ending: str) -> None:
    """A compressed file too is the same to the byte: where it was flushed is not seen."""
    found = set()
    for batch in [*BATCHES, BATCH_BYTES]:
        out, removed = tmp_path / f"corpus{ending}", tmp_path / f"removed{ending}"
        clean(
            Options(inputs=(str(dump),), out=str(out), removed=str(removed), batch_bytes=batch, overwrite=True),
        )
        found.add((out.read_bytes(), removed.read_bytes()))
    assert len(found) == 1


def test_batches_do_not_show_on_standard_output(dump: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Nor does it matter to who reads a pipe."""
    found = set()
    for batch in [*BATCHES, BATCH_BYTES]:
        clean(Options(inputs=(str(dump),), out="-", batch_bytes=batch))
        found.add(capfdbinary.readouterr().out)
    (lines,) = found
    assert lines.count(b"\n") > 50


@pytest.mark.parametrize("batch", [3_000, 1 << 24])
def test_processes_do_not_show(dump: Path, tmp_path: Path, batch: int) -> None:
    """Two of them give what one gives, in whatever order they finish."""
    run(tmp_path / "one", dump, jobs=1, batch_bytes=batch, passages="cut")
    run(tmp_path / "two", dump, jobs=2, batch_bytes=batch, passages="cut")
    assert files(tmp_path / "two") == files(tmp_path / "one")


def test_the_order_of_arguments_does_not_show(dump: Path, tmp_path: Path) -> None:
    """Inputs are put in natural order; only the manifest holds them as they were given."""
    inputs = [dump / "sub", *(dump / name for name in ("c.jsonl", "d.jsonl", "e.jsonl", "a.jsonl", "b.csv"))]
    tables = []
    for number, order in enumerate((inputs, inputs[::-1], [dump, *inputs])):
        run(tmp_path / str(number), *order)
        found = files(tmp_path / str(number))
        del found["runs/000001.json"]
        tables.append(found)
    assert tables[0] == tables[1] == tables[2]


def test_the_name_of_the_folder_does_not_show_in_the_texts(dump: Path, tmp_path: Path) -> None:
    """The same dump elsewhere gives the same ids, in the same order."""
    run(tmp_path / "here", dump)
    moved = dump.rename(dump.parent / "elsewhere")
    run(tmp_path / "there", moved)
    moved.rename(dump)
    for table in ("corpus", "removed"):
        here, there = (read_rows(tmp_path / name / table / "000001-00000.parquet") for name in ("here", "there"))
        assert [row["id"] for row in here] == [row["id"] for row in there]
        assert [row.get("leader") for row in here] == [row.get("leader") for row in there]


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_the_input_does_not_show_in_the_kept_texts(tmp_path: Path, seed: int) -> None:
    """Lines shuffled and dealt to files of other names: under ``keep=longest`` the same texts stay."""
    rng = random.Random(seed)
    texts = []
    for number in range(12):
        base = pages(100 * seed + number, rng.randint(2, 5))
        texts += [base] * rng.randint(1, 2)
        texts += [edited(base, rng.randint(1, 60), rng.choice("龥鼎")) for _ in range(rng.randint(0, 5))]
        texts += ["\n".join(base.split("\n")[: rng.randint(1, 2)]) for _ in range(rng.randint(0, 2))]
        texts += [base + prose(rng.randrange(10**9), rng.choice([20, 80]))]
    kept = []
    for shuffle in range(3):
        order = rng.sample(texts, len(texts))
        dump = tmp_path / f"dump{shuffle}"
        for part in range(shuffle + 1):
            jsonl(dump / f"{rng.randrange(10**6)}-{part}.jsonl", order[part :: shuffle + 1])
        kept.append(sorted(row["text"] for row in run(tmp_path / f"out{shuffle}", dump)[1].corpus))
    assert kept[0] == kept[1] == kept[2]
    assert len(kept[0]) < len(texts)

"""A look at a dump: it says what ``clean`` would do, of a part of the input it tells the whole, and writes nothing."""

from __future__ import annotations

import gzip
import json
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

from taoxi.cli import looked as shown
from taoxi.cli.main import main
from taoxi.corpus import Options, clean, look
from taoxi.corpus.looking import passes, sampling, windows
from taoxi.corpus.looking.bench import Bench, parts
from taoxi.corpus.looking.growth import curves, grown
from taoxi.corpus.looking.report import Look
from taoxi.corpus.looking.windows import Windows
from taoxi.normalize.model import Source
from tests.support import edited, files, jsonl, mixed_dump, pages, prose, run

SAMPLES = Path(__file__).parent.parent / "samples" / "raw"


def options(*inputs: Path, **settings: object) -> Options:
    """Return what a look is told."""
    return Options(inputs=tuple(map(str, inputs)), out="unused", **settings)  # type: ignore[arg-type]


def same_figures(found: Look, out: Path, *inputs: Path, **settings: object) -> None:
    """Compare a look with the manifest of a run on the same input."""
    _, folder = run(out, *inputs, **settings)
    counted = folder.manifest["counts"]
    assert {reason: figure.estimate for reason, figure in found.removed.items()} == counted["removed"]
    assert found.documents.estimate == counted["documents"]
    assert found.characters.estimate == counted["characters"]
    assert found.sources == counted["sources"]
    assert found.bytes == found.looked_bytes == counted["bytes"]
    assert {row.encoding: row.sources for row in found.encodings}.items() <= counted["encodings"].items()
    assert found.changes == counted["changes"]
    assert len(found.problems) == counted["problems"]


# It is what clean does


def test_the_samples_are_told_as_a_run_counts_them(tmp_path: Path) -> None:
    """Every figure is that of the manifest, and the exit code says that something could not be read."""
    found = look(options(SAMPLES))
    same_figures(found, tmp_path / "out", SAMPLES)
    assert found.exit_code == 1
    assert found.whole


@pytest.mark.parametrize(
    "settings",
    [{}, {"similarity": 0.55}, {"similarity": 0.93}, {"keep": "first"}, {"chrome": "off"}, {"split": "none"}],
    ids=str,
)
def test_a_mixed_dump_is_told_as_a_run_counts_it(tmp_path: Path, settings: dict[str, object]) -> None:
    """Whatever the options are, they mean what they mean to a run."""
    dump = tmp_path / "dump"
    dump.mkdir()
    mixed_dump(dump)
    found = look(options(dump, **settings))
    same_figures(found, tmp_path / "out", dump, **settings)


def test_each_threshold_removes_what_a_run_with_it_removes(tmp_path: Path) -> None:
    """The table is no guess: every row of it is the count of a run at that similarity."""
    texts = [pages(seed) for seed in range(12)]
    dump = jsonl(tmp_path / "a.jsonl", [*texts, *(edited(text, 3 * k) for k, text in enumerate(texts))])
    found = look(options(dump))
    removed = {row.similarity: row.removed.estimate for row in found.thresholds}
    assert len(removed) == 10
    assert len(set(removed.values())) > 3
    for similarity, count in removed.items():
        report = clean(
            Options(inputs=(str(dump),), out=str(tmp_path / "out"), similarity=similarity, overwrite=similarity > 0.5)
        )
        assert sum(report.removed.values()) == count


def test_processes_change_nothing(tmp_path: Path) -> None:
    """Two processes find what one finds."""
    mixed_dump(tmp_path)
    one, two = (look(options(tmp_path, jobs=jobs, batch_bytes=4096)) for jobs in (1, 2))
    assert {f.name: getattr(one, f.name) for f in fields(Look) if f.name != "seconds"} == {
        f.name: getattr(two, f.name) for f in fields(Look) if f.name != "seconds"
    }


def test_a_pair_shows_what_differs(tmp_path: Path) -> None:
    """Of a near copy, the figure, both places, and the characters that differ."""
    base = pages(1, 4)
    dump = jsonl(tmp_path / "a.jsonl", [{"text": base, "title": "原文"}, edited(base, 8), pages(2)])
    (pair,) = look(options(dump)).pairs
    assert (pair.kept.record, pair.kept.title, pair.removed.record) in {(0, "原文", 1), (1, None, 0)}
    changed = [each for each in pair.differences if not each.same]
    assert len(changed) == 8
    assert {each.left for each in changed} == {"龥"} or {each.right for each in changed} == {"龥"}


def test_lines_of_a_site_are_told_with_what_a_run_takes_them_for() -> None:
    """A menu goes as chrome; the site's name and how many of its documents have it are said."""
    rows = [row for row in look(options(SAMPLES / "site.jsonl")).lines if row.line.startswith("分享到")]
    assert [(row.documents, row.of, row.goes) for row in rows] == [(6, 6, "share")]


def test_watermarks_are_told(tmp_path: Path) -> None:
    """What is stamped on a text is among the marks, with how often it was seen."""
    del tmp_path
    marks = [mark for mark in look(options(SAMPLES)).marks if mark.kind == "watermark"]
    assert [mark.text for mark in marks] == ["更多资料+【公众号:海堤文库】"]
    assert marks[0].seen >= 3


# A sample


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let windows be so small that a dump of some megabytes has many of them."""
    monkeypatch.setattr(windows, "WINDOW", 1 << 14)
    monkeypatch.setattr(passes, "GROUP_BITS", 14)
    monkeypatch.setattr(sampling, "LARGE", 1 << 20)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dump of 9,000 documents, 3,000 of which are exact and near copies of others, far from them."""
    rng = random.Random(7)
    texts = [prose(seed, 100) for seed in range(6000)]
    for number in range(3000):
        base = texts[int(rng.paretovariate(0.8)) % 6000 if number % 3 else rng.randrange(6000)]
        texts.append(base if number % 2 else edited(base, rng.randrange(1, 3)))
    rng.shuffle(texts)
    path = tmp_path_factory.mktemp("copies") / "copies.jsonl"
    return jsonl(path, ({"url": f"https://s{k % 3}.example/{k}", "text": text} for k, text in enumerate(texts)))


@pytest.mark.usefixtures("small")
def test_a_sample_tells_the_whole(copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two fifths of the bytes, documents, characters and copies are within a tenth, and in their ranges."""
    monkeypatch.chdir(copies.parent)  # what is drawn depends on the name
    size = copies.stat().st_size
    found = look(options(Path(copies.name)), looked=2 * size // 5)
    report, _ = run(tmp_path / "out", copies)
    assert not found.whole
    assert 0.35 < found.looked_bytes / size < 0.45
    assert found.documents.seen < 0.45 * report.documents
    assert found.documents.estimate == pytest.approx(report.documents, rel=0.05)
    assert found.characters.estimate == pytest.approx(report.characters, rel=0.05)
    everything = next(row.removed for row in found.thresholds if row.similarity == 0.7)
    removed = sum(report.removed.values())
    assert everything.estimate == pytest.approx(removed, rel=0.1)
    assert everything.low <= removed <= everything.high
    assert everything.seen / 0.4 < 0.85 * removed, "a copy is seen with its partner only"
    for site in found.sites:
        assert site.documents == pytest.approx(3000, rel=0.1)


@pytest.mark.usefixtures("small")
def test_a_sample_is_the_same_each_time(copies: Path) -> None:
    """What is drawn depends on names and sizes only."""
    first, second = (look(options(copies), looked=1 << 20) for _ in range(2))
    assert first.thresholds == second.thresholds
    assert first.pairs == second.pairs


@pytest.mark.usefixtures("small")
def test_all_looks_at_everything(copies: Path, tmp_path: Path) -> None:
    """What is asked for is done, however large it is."""
    same_figures(look(options(copies), everything=True, looked=1 << 20), tmp_path / "out", copies)


@pytest.mark.usefixtures("small")
def test_what_can_be_read_from_the_front_only_is_named(copies: Path, tmp_path: Path) -> None:
    """Of a compressed file the front is read, the whole is told from it, and the person is told so."""
    packed = tmp_path / "copies.jsonl.gz"
    packed.write_bytes(gzip.compress(copies.read_bytes(), 1))
    found = look(options(packed), looked=packed.stat().st_size)
    assert found.fronts == (str(packed),)
    assert found.documents.estimate == pytest.approx(9000, rel=0.1)
    assert found.problems == ()
    assert "Read from the front only" in "\n".join(line for line, _ in shown.lines(found, 10_000))


@pytest.mark.usefixtures("small")
def test_files_of_a_folder_are_drawn(tmp_path: Path) -> None:
    """Of many small files some of each folder are read, and they stand for the others."""
    for number in range(400):
        path = tmp_path / f"site{number % 4}" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(prose(number, 300), encoding="utf-8")
    found = look(options(tmp_path), looked=150_000)
    assert found.sources == 400
    assert 80 < found.looked_sources < 200
    assert found.documents.estimate == pytest.approx(400, rel=0.1)
    assert len(found.sites) == 4


@pytest.mark.usefixtures("small")
def test_a_problem_in_a_window_has_its_place_in_the_file(tmp_path: Path) -> None:
    """Where a broken line stands is counted in the file, not in what was read of it."""
    line = json.dumps({"text": "一二三四五"}) + "\n"
    broken = '{"text": "' + "x" * (len(line) - 11) + "\n"
    path = tmp_path / "a.jsonl"
    count = 2 * (1 << 20) // len(line)
    path.write_text((line * 999 + broken) * (count // 1000), encoding="ascii")
    found = look(options(path), looked=1 << 20)
    assert not found.whole
    data = path.read_bytes()
    places = [problem.byte for problem in found.problems if problem.byte is not None]
    assert len(places) > 10
    assert places[-1] > len(data) / 2
    assert all(data[place : place + 11] == broken.encode()[:11] for place in places[:-1])


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 1.0])
@pytest.mark.usefixtures("small")
def test_windows_are_whole_lines_in_order(tmp_path: Path, share: float) -> None:
    """No window cuts a line, none is read twice, and together they are about as large as was asked."""
    path = tmp_path / "lines.txt"
    rng = random.Random(1)
    path.write_text("".join(f"{k} {'x' * rng.randrange(300)}\n" for k in range(20_000)), encoding="ascii")
    reader = Windows(Source(str(path), "lines.txt", ""), share)
    data = b"".join(iter(lambda: reader.read(5000), b""))
    reader.close()
    numbers = [int(line.split()[0]) for line in data.decode().splitlines()]
    assert numbers == sorted(set(numbers))
    assert set(data.splitlines()) <= set(path.read_bytes().splitlines())
    assert len(data) == pytest.approx(share * path.stat().st_size, rel=0.3)
    assert path.read_bytes()[reader.place(len(data) // 2) :].startswith(data[len(data) // 2 :][:10])


def test_the_curves_are_those_of_drawn_clusters() -> None:
    """Of clusters of k that are drawn with a chance, so many go as the formula says."""
    rng = np.random.default_rng(1)
    for place, size in enumerate((2, 3, 5, 9)):
        drawn = rng.binomial(size, 0.3, 200_000)
        gone = np.maximum(drawn - 1, 0).sum() / (200_000 * size)
        assert gone == pytest.approx(curves(np.array([0.3]))[0, place], rel=0.03)


@pytest.mark.parametrize("size", [2, 3, 5, 17])
def test_clusters_of_one_size_are_told(size: int) -> None:
    """From what a third shows of 10,000 documents in clusters, the copies among them are told about."""
    shares = np.array([1 / 12, 1 / 6, 1 / 3])
    place = [2, 3, 5, 9, 17].index(size)
    counts = 10_000 * curves(shares)[:, place]
    assert grown(shares, counts[None])[0] == pytest.approx(10_000 * (1 - 1 / size), rel=0.22)


def test_whoever_is_alone_is_left_out_and_nothing_changes() -> None:
    """Documents without company are kept anyway: the verdicts on the others are the same with and without them."""
    from taoxi.dedup.kin import memo
    from taoxi.dedup.memory import addresses
    from taoxi.dedup.paragraphs import ParagraphIndex
    from taoxi.dedup.sign import sign

    texts = [pages(seed, 2) for seed in range(300)]
    texts += [edited(text, 4) for text in texts[:40]] + texts[40:60]
    encoded = [text.encode() for text in texts]
    data, bounds = np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([0, *map(len, encoded)])
    signed = sign(data, bounds)
    with tempfile.TemporaryDirectory() as folder, ParagraphIndex(Path(folder)) as index:
        index.add(signed.paragraphs, signed.paragraph_places[:, 0], signed.paragraph_places[:, 3])
        shared = index.shared(len(texts))
    order = np.arange(len(texts))[::-1].copy()
    where = addresses(data, bounds)
    bench = Bench(
        order, signed.tokens, signed.exact, signed.signatures, shared, where, [], thin=False, compared=memo(len(texts))
    )
    company = bench.company()
    assert 120 <= company.sum() < 200
    whole, some = bench.judge(0.7), bench.part(company).judge(0.7)
    assert whole.compared
    assert not some.compared
    assert some.verdict.tolist() == whole.verdict[company].tolist()
    assert not whole.verdict[~company].any()
    members = np.flatnonzero(company)
    led = some.leader >= 0
    assert members[some.leader[led]].tolist() == whole.leader[company][led].tolist()


@pytest.mark.parametrize("shift", [0, 20, 40])
@pytest.mark.parametrize("count", [2, 4])
def test_parts_are_dealt_by_group(shift: int, count: int) -> None:
    """What was drawn together stays together, and the parts are about as large, whichever bits tell groups apart."""
    groups = np.repeat(np.arange(1000, dtype=np.uint64) << np.uint64(shift), 3)
    dealt = np.array(parts(groups, count))
    assert (dealt.sum(0) == 1).all()
    assert (np.abs(dealt.sum(1) - 3000 / count) < 200).all()
    assert (dealt.reshape(count, -1, 3).sum(2) % 3 == 0).all()


# The command


def test_the_command_that_is_suggested_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with a space and a quote, a field that no list knows, and a shell reads the line."""
    monkeypatch.chdir(tmp_path)
    jsonl(tmp_path / "it's a dump" / "a.jsonl", [{"id": k, "lede": "短", "rumpf": prose(k)} for k in range(6)])
    found = look(Options(inputs=("it's a dump",), out="x", similarity=0.8))
    line = shown.command(found)
    assert shlex.split(line) == list(found.command)
    assert found.command[-4:] == ("--similarity", "0.8", "--text-field", "rumpf")
    done = subprocess.run(
        ["bash", "-c", line.replace("taoxi", f"{shlex.quote(sys.executable)} -m taoxi.cli", 1)],  # noqa: S607
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "corpus" / "corpus").iterdir())) == 1


def test_a_name_that_no_terminal_shows_is_escaped_for_a_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line feed, an escape sequence and a byte that is not UTF-8 in a name arrive as they are."""
    monkeypatch.chdir(tmp_path)
    name = b"a\nb\x1b[31m\xff.txt".decode("utf-8", "surrogateescape")
    Path(name).write_text(prose(1), encoding="utf-8")
    line = shown.command(look(Options(inputs=(name,), out="x")))
    assert line.isprintable()
    done = subprocess.run(["bash", "-c", f"printf %s {line.split()[2]}"], check=True, capture_output=True)  # noqa: S607
    assert done.stdout.decode("utf-8", "surrogateescape") == name


def test_an_output_that_is_there_is_not_suggested(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command would fail, as clean does not write over anything."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "corpus").mkdir()
    dump = jsonl(tmp_path / "a.jsonl", [prose(1)])
    assert look(options(dump)).command == ("taoxi", "clean", str(dump), "-o", "corpus-2")


def taoxi(*words: str, cwd: Path, data: bytes | None = None, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run ``taoxi look`` as a process."""
    import os

    command = [sys.executable, "-m", "taoxi.cli", "look", *words]
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=cwd, input=data, env=env, capture_output=True, check=False)


def test_nothing_is_written(tmp_path: Path) -> None:
    """The input, the working directory and the folder for temporary files are as they were."""
    dump, here, scratch = (tmp_path / name for name in ("dump", "here", "scratch"))
    for folder in (dump, here, scratch):
        folder.mkdir()
    mixed_dump(dump)
    before = files(tmp_path)
    done = taoxi(str(dump), "--jobs", "2", "--batch-bytes", "4096", cwd=here, TMPDIR=str(scratch))
    assert (done.returncode, done.stderr) == (1, b""), "a record of the dump has no text"
    assert b"Next: taoxi clean" in done.stdout
    assert files(tmp_path) == before
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C in the middle of reading: the exit code says so, and the temporary files are gone."""
    import os

    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-m", "taoxi.cli", "look", "-"]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"text": prose(1)}).encode() + b"\n")
    process.stdin.flush()
    until = time.monotonic() + 60
    while not list(scratch.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == (130 if number is signal.SIGINT else 143)
    assert errors.count(b"\n") == 1
    assert list(scratch.iterdir()) == []


def test_standard_input_is_looked_at(tmp_path: Path) -> None:
    """A pipe has no size: what came is told, and nothing is scaled."""
    data = b"".join(json.dumps({"text": prose(seed)}).encode() + b"\n" for seed in (1, 2, 1))
    done = taoxi("-", "--json", cwd=tmp_path, data=data)
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert found["documents"]["estimate"] == 3
    assert found["removed"]["exact"]["estimate"] == 1
    assert found["command"][2] == "-"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["gone"], 2, "taoxi: The input 'gone' does not exist. Check its path and spelling.\n"),
        ([], 2, "taoxi: No input was named. Name files, folders or globs, or - for standard input.\n"),
        (["."], 2, "taoxi: The inputs hold no file. Name a folder with files, or the files themselves.\n"),
    ],
)
def test_wrong_usage_is_said_as_clean_says_it(tmp_path: Path, words: list[str], code: int, message: str) -> None:
    """The same mistakes have the same messages and exit codes."""
    done = taoxi(*words, cwd=tmp_path)
    assert (done.returncode, done.stderr.decode(), done.stdout) == (code, message, b"")


JSON_KEYS = {
    *(field.name for field in fields(Look)),
    *("command_line", "exit_code"),
}


def test_json_has_the_keys_that_the_page_documents(tmp_path: Path) -> None:
    """One object on standard output, in words that stay; docs/look.md names each."""
    done = taoxi(str(SAMPLES), "--json", cwd=tmp_path)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert set(found) == JSON_KEYS
    page = (SAMPLES.parent.parent / "docs" / "look.md").read_text(encoding="utf-8")
    inner = {
        key
        for value in found.values()
        if isinstance(value, list) and value
        for row in value[:1]
        if isinstance(row, dict)
        for key in row
    }
    for key in JSON_KEYS | inner | {"seen", "estimate", "low", "high"}:
        assert f"`{key}`" in page, key
    assert found["exit_code"] == 1
    assert found["pairs"][0]["differences"][0][0].keys() == {"left", "right"}


def test_log_format_json_answers_in_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As every command does that answers on standard output."""
    dump = jsonl(tmp_path / "a.jsonl", [prose(1)])
    assert main(["look", str(dump), "--log-format", "json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["documents"]["estimate"] == 1
    assert {json.loads(line)["event"] for line in err.splitlines()} == {"start", "phase"}


def test_hostile_text_is_escaped(tmp_path: Path) -> None:
    """No control character of a page, a title, a site or a name reaches the terminal."""
    evil = "\x1b]0;owned\x07\u202e"
    texts = [
        {"url": f"https://e{evil}.example/{k}", "title": f"t{evil}", "text": f"{evil}菜单\n" + pages(k) + "\n尾\x9b31m"}
        for k in range(6)
    ]
    texts += [{**row, "text": edited(str(row["text"]), 5)} for row in texts]
    jsonl(tmp_path / "dump" / "a\x1b[2J.jsonl", texts)
    done = taoxi("dump", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = done.stdout.decode()
    assert "pairs to judge" in text
    assert all(char.isprintable() or char == "\n" for char in text)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_tables_fit_their_width(width: int) -> None:
    """Chinese takes two columns a character: no line of a table is wider than the terminal."""
    found = look(options(SAMPLES))
    for line, _ in shown.lines(found, width):
        if not line.startswith("Next:") and "/" not in line:
            assert cell_len(line) <= width, line
    columns = [line for line, _ in shown.lines(found, width) if line.endswith((" header", " footer"))]
    assert len({cell_len(line) for line in columns}) == 1


def test_no_color_is_respected_and_a_pipe_has_none(tmp_path: Path) -> None:
    """Off a terminal there is no escape sequence at all."""
    done = taoxi(str(SAMPLES), cwd=tmp_path)
    assert b"\x1b" not in done.stdout + done.stderr

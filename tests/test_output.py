"""What a run writes: names, columns, manifest, single files, standard output, and what it refuses to write over."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from taoxi.cli.params import BROKEN_PIPE
from taoxi.corpus import Options, clean, manifest, target
from taoxi.corpus.files import LOCK, VIEWS
from taoxi.corpus.options import SINGLE_FILE_ENDINGS, UsageError
from taoxi.corpus.report import Alarm, ExitCode
from tests.support import (
    FULL_WIDTH,
    Folder,
    Row,
    edited,
    files,
    intact,
    jsonl,
    mixed_dump,
    pages,
    place_of,
    prose,
    read_rows,
    restored,
    run,
    taoxi,
)

PLACE = "title date url meta site source member record part byte_start byte_end encoding bad_bytes"
CORPUS = f"id text {PLACE} copies template changes".split()
LEDGER = f"id kind reason leader similarity text document offset evidence {PLACE} changes leader_run".split()
INPUT = "source member bytes sha256 format"
SOURCES = f"{INPUT} encoding bad_bytes records documents error run".split()
"""The columns of DESIGN §6, in its order."""


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dump of every format."""
    return mixed_dump(tmp_path_factory.mktemp("output") / "dump")


@pytest.fixture(scope="module")
def cleaned(dump: Path) -> Folder:
    """Return what the dump came to."""
    return run(dump.parent / "cleaned", dump)[1]


def texts(rows: list[Row]) -> list[str]:
    """Return the texts of rows."""
    return [row["text"] for row in rows]


def test_a_folder_holds_corpus_ledger_sources_and_manifest(cleaned: Folder) -> None:
    """The names count runs and files, so that they do not depend on the clock; the lock and the views stay too."""
    assert sorted(files(cleaned.path)) == [
        "chrome/000001.parquet",
        "corpus/000001-00000.parquet",
        "removed/000001-00000.parquet",
        "runs/000001.json",
        "sources/000001.parquet",
    ]
    assert {path.name for path in cleaned.path.iterdir()} == {
        "chrome",
        "corpus",
        "removed",
        "runs",
        "sources",
        LOCK,
        *VIEWS,
    }


def test_the_columns_are_those_of_the_contract(cleaned: Folder) -> None:
    """Other tools read columns by name and by place."""
    assert list(cleaned.corpus[0]) == CORPUS
    assert list(cleaned.ledger[0]) == LEDGER
    assert list(cleaned.sources[0]) == SOURCES


@pytest.mark.parametrize(("to", "endings"), [("jsonl", ("jsonl", "jsonl")), ("text", ("txt", "parquet"))])
def test_the_form_of_a_folder_is_an_option(
    dump: Path, cleaned: Folder, tmp_path: Path, to: str, endings: tuple[str, str]
) -> None:
    """Text has no room for a ledger, which stays Parquet then."""
    _, folder = run(tmp_path / "out", dump, to=to)
    assert sorted(files(folder.path)) == [
        "chrome/000001.parquet",
        f"corpus/000001-00000.{endings[0]}",
        f"removed/000001-00000.{endings[1]}",
        "runs/000001.json",
        "sources/000001.parquet",
    ]
    assert texts(folder.ledger) == texts(cleaned.ledger)
    intact(folder.path)


def test_jsonl_holds_what_parquet_holds(dump: Path, cleaned: Folder, tmp_path: Path) -> None:
    """But for two columns that read better: ``meta`` is the object itself, ``changes`` has no zeros."""
    _, folder = run(tmp_path / "out", dump, to="jsonl")

    def plain(row: Row) -> Row:
        meta = None if row["meta"] is None else orjson.loads(row["meta"])
        changes = None if row["changes"] is None else {rule: count for rule, count in row["changes"].items() if count}
        return {**row, "meta": meta, "changes": changes}

    assert folder.corpus == [plain(row) for row in cleaned.corpus]
    assert folder.ledger == [plain(row) for row in cleaned.ledger]


def test_plain_text_has_a_line_per_paragraph_and_an_empty_line_behind_each_document(tmp_path: Path) -> None:
    """That is what trainers of language models and tokenizers read."""
    source = jsonl(tmp_path / "in.jsonl", ["第一段落。\n\n第二段落。", "另一篇文章。"])
    run(tmp_path / "out", source, to="text")
    expected = "第一段落。\n第二段落。\n\n另一篇文章。\n\n"
    assert (tmp_path / "out" / "corpus" / "000001-00000.txt").read_text(encoding="utf-8") == expected


def test_the_manifest_lists_every_file(cleaned: Folder) -> None:
    """With its rows, size and digest, which are all right."""
    listed = {file["path"] for file in cleaned.manifest["files"]}
    assert listed == set(files(cleaned.path)) - {"runs/000001.json"}
    assert intact(cleaned.path) == [1]


def test_the_manifest_holds_no_clock(dump: Path, cleaned: Folder, tmp_path: Path) -> None:
    """The same run at another time, into another folder, gives the same bytes throughout."""
    run(tmp_path / "out", dump)
    assert files(tmp_path / "out") == files(cleaned.path)


def test_the_manifest_counts_what_the_report_counts(dump: Path, tmp_path: Path) -> None:
    """All that does not depend on the clock, and the options that decide the bytes."""
    report, folder = run(tmp_path / "out", dump, keep="first")
    assert folder.manifest["counts"] == {
        "sources": 5,
        "unchanged": 0,
        "documents": report.documents,
        "kept": len(folder.corpus),
        "removed": report.removed,
        "cut": report.cut,
        "changes": report.changes,
        "characters": report.characters,
        "characters_kept": sum(map(len, texts(folder.corpus))),
        "encodings": {"utf-8": 3, "gb18030": 1, "utf-16-le": 1},
        "bytes": sum(path.stat().st_size for path in dump.rglob("*") if path.is_file()),
        "problems": 1,
        "templates": 0,
        "alarms": [],
        "languages": {"zh": len(folder.corpus)},
    }
    assert folder.manifest["inputs"] == [str(dump)]
    assert folder.manifest["options"]["keep"] == "first"
    assert not {"jobs", "batch_bytes", "out", "overwrite"} & set(folder.manifest["options"])


def test_a_large_corpus_comes_in_several_files(
    dump: Path, cleaned: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files end where their texts are complete, wherever the batches end, and read one after another give the whole."""
    monkeypatch.setattr(target, "PART_BYTES", 5000)
    found = []
    for name, batch in (("a", 1 << 24), ("b", 3000)):
        _, folder = run(tmp_path / name, dump, batch_bytes=batch)
        assert intact(folder.path) == [1]
        assert folder.corpus == cleaned.corpus
        assert folder.ledger == cleaned.ledger
        found.append(files(folder.path))
    assert len([name for name in found[0] if name.startswith("corpus/")]) > 3
    assert found[0] == found[1]


# Rows


def test_an_id_is_the_hash_of_the_text(cleaned: Folder) -> None:
    """128 bits of BLAKE2b over its UTF-8 bytes, in the corpus and in the ledger."""
    for row in [*cleaned.corpus, *cleaned.ledger]:
        assert row["id"] == hashlib.blake2b(row["text"].encode(), digest_size=16).hexdigest()


def test_no_text_stays_twice(cleaned: Folder) -> None:
    """Hence an id names one document of the corpus."""
    assert len({row["id"] for row in cleaned.corpus}) == len(cleaned.corpus)


def test_copies_add_up_to_the_documents_that_came_in(dump: Path, tmp_path: Path) -> None:
    """Each document counts for the kept one that stands for it; what is empty stands nowhere."""
    report, folder = run(tmp_path / "out", dump)
    assert report.removed["empty"] == 1
    assert sum(row["copies"] for row in folder.corpus) == report.documents - 1
    for kept in folder.corpus:
        led = [row for row in folder.ledger if row["kind"] == "document" and row["leader"] == kept["id"]]
        assert kept["copies"] == 1 + len(led)


def test_the_leader_of_a_removed_document_is_in_the_corpus(cleaned: Folder) -> None:
    """Who goes was compared with a document that stays, and the ledger holds the figure."""
    kept = {row["id"] for row in cleaned.corpus}
    removed = [row for row in cleaned.ledger if row["kind"] == "document" and row["reason"] != "empty"]
    assert {row["reason"] for row in removed} == {"exact", "near", "contained"}
    for row in removed:
        assert row["leader"] in kept
        assert 0.7 <= row["similarity"] <= 1.0


def test_rows_stand_in_natural_order(cleaned: Folder) -> None:
    """By source as people sort names, then by place."""
    names = ["a.jsonl", "b.csv", "sub/page9.txt", "sub/page10.txt", "sub/whole.txt.gz"]
    order = {f"{cleaned.path.parent / 'dump'}/{name}": place for place, name in enumerate(names)}
    assert [row["source"] for row in cleaned.sources] == list(order)
    for rows in (cleaned.corpus, cleaned.ledger):
        places = [(order[row["source"]], row["byte_start"]) for row in rows]
        assert places == sorted(places)


def test_fields_of_the_input_are_kept(cleaned: Folder) -> None:
    """Title, address and site have columns, the others are in ``meta``."""
    row = next(row for row in cleaned.corpus if row["url"])
    assert (row["title"], row["url"], row["site"]) == ("标题", "https://News.example/6", "news.example")
    assert (row["date"], row["meta"]) == ("2024-05-06", '{"views":5}')
    assert (row["record"], row["part"], row["encoding"]) == (5, 0, "utf-8")


def test_a_listed_article_has_its_place_in_the_record(cleaned: Folder) -> None:
    """The documents of one text are its parts; title and date were lifted from lines that the ledger keeps."""
    rows = [row for row in cleaned.corpus if row["source"].endswith("page9.txt")]
    assert [(row["record"], row["part"]) for row in rows] == [(0, part) for part in range(6)]
    assert [(row["title"], row["date"]) for row in rows] == [
        (f"第{seed}号通知", f"2024-03-{seed % 28 + 1:02}") for seed in range(700, 706)
    ]
    cut = [row for row in cleaned.ledger if row["source"].endswith("page9.txt")]
    assert {(row["kind"], row["reason"], row["leader"]) for row in cut} == {
        ("separator", reason, None) for reason in ("delimiter", "title", "date")
    }


def test_sources_hold_size_hash_and_counts(dump: Path, cleaned: Folder) -> None:
    """Of the files as they are stored, so that they can be found again."""
    for row in cleaned.sources:
        data = Path(row["source"]).read_bytes()
        assert (row["bytes"], row["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    found = [(row["format"], row["encoding"], row["records"], row["documents"]) for row in cleaned.sources]
    assert found == [
        ("jsonl", "utf-8", 50, 49),
        ("csv", "utf-8", 10, 10),
        ("text", "gb18030", 1, 6),
        ("text", "utf-16-le", 1, 1),
        ("text", "utf-8", 1, 1),
    ]
    assert [row["error"] is not None for row in cleaned.sources] == [True, False, False, False, False]
    assert dump.is_dir()


# Options


def test_keep_first_keeps_the_first(tmp_path: Path) -> None:
    """The longest of two copies stays by default, the first in natural order where that is asked for."""
    short, long = pages(1, 5), pages(1, 5) + "\n多一句话。"
    source = jsonl(tmp_path / "in.jsonl", [short, long])
    assert texts(run(tmp_path / "longest", source)[1].corpus) == [long]
    assert texts(run(tmp_path / "first", source, keep="first")[1].corpus) == [short]


def test_the_longest_has_the_most_characters(tmp_path: Path) -> None:
    """Not the most words; of equally long ones the smaller id stays, so that their order in the input is no matter."""
    base = pages(1, 5)
    many_tokens, many_characters = base + "后面还有十几个字的一句话。", base + " standardization" * 3
    _, folder = run(tmp_path / "out", jsonl(tmp_path / "in.jsonl", [many_tokens, many_characters]))
    assert texts(folder.corpus) == [many_characters]
    equal = [edited(base, 3), edited(base, 3, "鼎")]
    smaller = min(equal, key=lambda text: hashlib.blake2b(text.encode(), digest_size=16).digest())
    for number, order in enumerate((equal, equal[::-1])):
        _, folder = run(tmp_path / str(number), jsonl(tmp_path / "in.jsonl", order))
        assert texts(folder.corpus) == [smaller]


def test_similarity_one_takes_only_what_agrees_in_all_values(tmp_path: Path) -> None:
    """An edited copy stays then; a copy in another width is exact, and goes at any threshold."""
    base = pages(1)
    source = jsonl(tmp_path / "in.jsonl", [base, edited(base, 5), base.translate(FULL_WIDTH), base + "!"])
    report, _ = run(tmp_path / "out", source, similarity=1.0)
    assert report.removed == {"exact": 2}


def test_a_lower_similarity_takes_more(tmp_path: Path) -> None:
    """Nothing between is lost: what goes at 0.7 goes at 0.5 too."""
    base = pages(1, 5)
    source = jsonl(tmp_path / "in.jsonl", [base, *(edited(base, count) for count in range(5, 60, 5))])
    kept = {
        similarity: run(tmp_path / str(similarity), source, similarity=similarity)[0].kept for similarity in (0.5, 0.9)
    }
    assert kept[0.5] < kept[0.9]


def test_a_passage_that_another_document_keeps_is_cut_on_request(tmp_path: Path) -> None:
    """The first copy stays; the ledger says whose it is and where it stood, and the text can be put together again."""
    passage, short = prose(1, 60), prose(2, 25)
    first = "\n".join([prose(3, 300), passage, short, prose(4, 200)])
    second = "\n".join([prose(5, 200), passage, short, prose(6, 150)])
    source = jsonl(tmp_path / "in.jsonl", [second, first])
    assert texts(run(tmp_path / "kept", source)[1].corpus) == [second, first]
    report, folder = run(tmp_path / "cut", source, passages="cut")
    assert texts(folder.corpus) == [second.replace(passage + "\n", ""), first]
    (row,) = folder.ledger
    assert (row["kind"], row["reason"], row["text"]) == ("passage", "repeated", passage + "\n")
    assert (row["leader"], row["document"]) == (folder.corpus[1]["id"], folder.corpus[0]["id"])
    assert restored(folder.corpus[0], folder.ledger) == second
    assert report.characters - report.characters_kept == len(passage) + 1


def test_a_document_is_never_cut_to_nothing(tmp_path: Path) -> None:
    """One whose paragraphs all stand in others, but in no single one, stays whole."""
    halves = [prose(1, 100), prose(2, 100)]
    others = ["\n".join([prose(seed, 300), half]) for seed, half in zip((3, 4), halves, strict=True)]
    _, folder = run(tmp_path / "out", jsonl(tmp_path / "in.jsonl", [*others, "\n".join(halves)]), passages="cut")
    assert texts(folder.corpus) == [*others, "\n".join(halves)]


def test_a_passage_that_comes_again_within_its_document_goes(tmp_path: Path) -> None:
    """Its first copy stays, and the ledger names the document itself."""
    text = pages(1)
    _, folder = run(tmp_path / "out", jsonl(tmp_path / "in.jsonl", [text + "\n" + text]))
    (kept,), (row,) = folder.corpus, folder.ledger
    assert kept["text"] == text
    assert (row["kind"], row["reason"], row["leader"], row["document"]) == (
        "passage",
        "repeated",
        kept["id"],
        kept["id"],
    )
    assert place_of(row) == place_of(kept)
    assert restored(kept, folder.ledger) == text + "\n" + text


def test_characters_count_normalized_text_before_anything_is_removed(tmp_path: Path) -> None:
    """What is kept and what is in the ledger of documents and passages add up to it."""
    text = pages(1)
    report, folder = run(tmp_path / "out", jsonl(tmp_path / "in.jsonl", [text + "\n" + text, pages(2), pages(2)]))
    assert report.characters == 2 * len(text) + 1 + 2 * len(pages(2))
    assert report.characters_kept == len(text) + len(pages(2))
    assert report.characters == sum(len(row["text"]) for row in [*folder.corpus, *folder.ledger])


def test_a_copy_of_an_output_without_its_dotfiles_is_still_ours(tmp_path: Path) -> None:
    """Copies often lack the lock; the manifest tells whose the folder is."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    run(tmp_path / "out", source)
    shutil.copytree(tmp_path / "out", tmp_path / "copy", ignore=shutil.ignore_patterns(".*"))
    report, _ = run(tmp_path / "copy", source, overwrite=True)
    assert (report.run, report.kept) == (2, 1)


def test_an_input_named_twice_is_read_once(tmp_path: Path) -> None:
    """As a file, by its folder, by a pattern, or under another spelling."""
    source = jsonl(tmp_path / "dump" / "in.jsonl", [pages(1)])
    spelled = source.parent / ".." / "dump" / "in.jsonl"
    inputs = [source, source.parent, source.parent / "*.jsonl", spelled, source]
    _, folder = run(tmp_path / "out", *inputs)
    assert [row["documents"] for row in folder.sources] == [1]
    assert [row["copies"] for row in folder.corpus] == [1]


def test_the_output_is_never_read(tmp_path: Path) -> None:
    """It may lie in the folder that is cleaned, as a folder or as files."""
    jsonl(tmp_path / "in.jsonl", [pages(1), pages(2), pages(2)])
    for _ in range(2):
        report, folder = run(tmp_path / "out", tmp_path, to="jsonl", overwrite=True)
        assert (report.sources, report.kept, report.removed) == (1, 2, {"exact": 1})
    assert [row["source"] for row in folder.sources] == [str(tmp_path / "in.jsonl")]
    corpus, ledger = str(tmp_path / "corpus.jsonl"), str(tmp_path / "removed.jsonl")
    for _ in range(2):
        options = Options(inputs=(str(tmp_path / "*.jsonl"),), out=corpus, removed=ledger, overwrite=True)
        report = clean(options)
        assert (report.sources, report.kept, report.removed) == (1, 2, {"exact": 1})


# What is refused


def refusal(**settings: Any) -> str:  # noqa: ANN401 - passed on to the options
    """Return why a run is refused."""
    with pytest.raises(UsageError) as caught:
        clean(Options(**settings))
    return str(caught.value)


def test_a_folder_of_others_is_refused(tmp_path: Path) -> None:
    """Nothing is written among files that a run did not make."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine", encoding="utf-8")
    for overwrite in (False, True):
        assert refusal(inputs=(str(source),), out=str(foreign), overwrite=overwrite) == (
            f"{foreign} is not empty and was not made by taoxi (it holds 'notes.txt')."
            " Choose a folder that is empty or not there yet."
        )
    assert files(foreign) == {"notes.txt": b"mine"}


def test_a_folder_that_only_looks_like_ours_is_refused(tmp_path: Path) -> None:
    """Others too have folders that are named ``corpus``."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    (tmp_path / "project" / "corpus").mkdir(parents=True)
    assert refusal(inputs=(str(source),), out=str(tmp_path / "project"), overwrite=True) == (
        f"{tmp_path / 'project'} is not empty and was not made by taoxi (it holds 'corpus')."
        " Choose a folder that is empty or not there yet."
    )


def test_a_finished_run_is_not_replaced_unasked(tmp_path: Path) -> None:
    """It stays as it was, to the byte."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    run(tmp_path / "out", source)
    before = files(tmp_path / "out")
    assert refusal(inputs=(str(source),), out=str(tmp_path / "out")) == (
        f"{tmp_path / 'out'} already holds a corpus. Add to it with --append, replace it with --overwrite, or choose"
        " another folder."
    )
    assert files(tmp_path / "out") == before


def test_a_file_is_not_replaced_unasked(tmp_path: Path) -> None:
    """Neither the corpus nor the ledger."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    taken = tmp_path / "taken.jsonl"
    taken.write_text("mine", encoding="utf-8")
    message = f"{taken} is already there. Choose another name, or replace it with --overwrite."
    assert refusal(inputs=(str(source),), out=str(taken)) == message
    assert refusal(inputs=(str(source),), out=str(tmp_path / "new.jsonl"), removed=str(taken)) == message
    assert files(tmp_path) == {"in.jsonl": source.read_bytes(), "taken.jsonl": b"mine"}


def test_outputs_that_cannot_be_are_refused(tmp_path: Path) -> None:
    """Before anything is read, and with the next step."""
    source = str(jsonl(tmp_path / "in.jsonl", [pages(1)]))
    file, folder = tmp_path / "file", tmp_path / "folder.jsonl"
    file.touch()
    folder.mkdir()
    assert refusal(inputs=(source,), out=str(file)) == (
        f"{file} is a file. Give a folder that is empty or not there yet, or another ending."
    )
    assert refusal(inputs=(source,), out=str(folder), overwrite=True) == (
        f"{folder} is a folder. Choose another name for the file."
    )
    both = tmp_path / "both.jsonl"
    spelled = str(tmp_path / "folder.jsonl" / ".." / "both.jsonl")
    assert refusal(inputs=(source,), out=str(both), removed=spelled) == (
        f"Corpus and ledger cannot be one file ({spelled}). Give --removed another name."
    )
    assert refusal(inputs=(source,), out=str(both), removed="ledger.doc") == (
        "--removed ledger.doc: the ending names no form. Use one of .jsonl, .jsonl.gz, .jsonl.zst, .parquet, .txt."
    )
    assert refusal(inputs=(source,), out=str(tmp_path), removed="removed.jsonl") == (
        "--removed belongs to an output of one file; a folder always holds its ledger in removed/. Leave out --removed."
    )
    assert {path.name for path in tmp_path.iterdir()} == {"in.jsonl", "file", "folder.jsonl"}


def test_a_refusal_is_wrong_usage(tmp_path: Path) -> None:
    """The command exits with 2, says why on standard error, and leaves all as it was."""
    jsonl(tmp_path / "in.jsonl", [pages(1)])
    run(tmp_path / "out", tmp_path / "in.jsonl")
    before = files(tmp_path)
    done = taoxi("in.jsonl", "-o", "out", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (
        ExitCode.USAGE,
        "",
        (
            "taoxi: out already holds a corpus. Add to it with --append, replace it with --overwrite, or choose another"
            " folder.\n"
        ),
    )
    assert files(tmp_path) == before


# What is replaced


def test_overwrite_replaces_the_run_before(tmp_path: Path) -> None:
    """Another number, another form, other rows; the old files are gone."""
    run(tmp_path / "out", jsonl(tmp_path / "a.jsonl", [pages(1)]))
    _, folder = run(tmp_path / "out", jsonl(tmp_path / "b.jsonl", [pages(2)]), to="jsonl", overwrite=True)
    assert sorted(files(folder.path)) == [
        "chrome/000002.parquet",
        "corpus/000002-00000.jsonl",
        "removed/000002-00000.jsonl",
        "runs/000002.json",
        "sources/000002.parquet",
    ]
    assert texts(folder.corpus) == [pages(2)]
    assert (folder.manifest["run"], folder.manifest["replaces"]) == (2, True)
    assert intact(folder.path) == [2]


def test_overwrite_of_nothing_replaces_nothing(tmp_path: Path) -> None:
    """The first run of a folder is the same with and without it."""
    source = jsonl(tmp_path / "a.jsonl", [pages(1)])
    assert files(run(tmp_path / "a", source, overwrite=True)[1].path) == files(run(tmp_path / "b", source)[1].path)


def test_a_manifest_that_replaces_makes_earlier_ones_void(tmp_path: Path) -> None:
    """Even while their files are still there: a run may die after its commit, before it has swept."""
    out = tmp_path / "out"
    run(out, jsonl(tmp_path / "a.jsonl", [pages(1)]))
    old = files(out)
    run(out, jsonl(tmp_path / "b.jsonl", [pages(2)]), overwrite=True)
    for name, data in old.items():
        (out / name).write_bytes(data)
    assert intact(out) == [2]
    run(out, jsonl(tmp_path / "c.jsonl", [pages(3)]), overwrite=True)
    assert {Path(name).name[:6] for name in files(out)} == {"000003"}


def test_what_a_person_keeps_in_the_folders_stays(tmp_path: Path) -> None:
    """Only files with names that a run gives are swept."""
    out = tmp_path / "out"
    source = jsonl(tmp_path / "a.jsonl", [pages(1)])
    run(out, source)
    (out / "corpus" / "notes.txt").write_text("mine", encoding="utf-8")
    (out / "corpus" / "split").mkdir()
    (out / "runs" / "2024.json").write_text("{}", encoding="utf-8")
    run(out, source, overwrite=True)
    assert (out / "corpus" / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert (out / "corpus" / "split").is_dir()
    assert (out / "runs" / "2024.json").is_file()
    assert manifest.runs(out) == [2]


# One file


@pytest.mark.parametrize("ending", SINGLE_FILE_ENDINGS)
def test_a_single_file_holds_the_same_documents(dump: Path, cleaned: Folder, tmp_path: Path, ending: str) -> None:
    """Whatever its ending, and with the same ledger beside it where one is asked for."""
    out, removed = tmp_path / f"corpus{ending}", tmp_path / f"removed{ending}"
    report = clean(Options(inputs=(str(dump),), out=str(out), removed=str(removed)))
    assert {path.name for path in tmp_path.iterdir()} == {out.name, removed.name}
    assert report.run is None
    if ending == ".txt":
        found = [out.read_text(encoding="utf-8"), removed.read_text(encoding="utf-8")]
        blocks = [
            "".join("\n".join(filter(None, text.split("\n"))) + "\n\n" for text in texts(rows))
            for rows in (cleaned.corpus, cleaned.ledger)
        ]
        assert found == blocks
        return
    for path, rows in ((out, cleaned.corpus), (removed, cleaned.ledger)):
        found_rows = read_rows(path)
        assert texts(found_rows) == texts(rows)
        assert [row["id"] for row in found_rows] == [row["id"] for row in rows]
        assert list(found_rows[0]) == list(rows[0])


def test_the_ending_of_a_file_may_be_in_capitals(tmp_path: Path) -> None:
    """As it is on disks that do not care."""
    source = jsonl(tmp_path / "in.jsonl", [pages(1)])
    clean(Options(inputs=(str(source),), out=str(tmp_path / "OUT.JSONL.GZ")))
    assert json.loads(gzip.decompress((tmp_path / "OUT.JSONL.GZ").read_bytes()))["text"] == pages(1)


def test_a_file_is_replaced_on_request(tmp_path: Path) -> None:
    """Corpus and ledger both."""
    out, removed = tmp_path / "corpus.jsonl", tmp_path / "removed.jsonl"
    for seed in (1, 2):
        source = jsonl(tmp_path / "in.txt", [pages(seed), pages(seed)])
        clean(Options(inputs=(str(source),), out=str(out), removed=str(removed), overwrite=True))
    assert texts(read_rows(out)) == texts(read_rows(removed)) == [pages(2)]


# Standard output


def test_a_dash_gives_json_lines_and_nothing_else(dump: Path, cleaned: Folder, tmp_path: Path) -> None:
    """Data go to standard output, talk to standard error, the ledger where it is told."""
    done = taoxi(dump, "-o", "-", "--removed", "removed.jsonl", cwd=tmp_path)
    assert texts([json.loads(line) for line in done.stdout.splitlines()]) == texts(cleaned.corpus)
    assert done.returncode == ExitCode.UNREADABLE
    assert "The corpus went to standard output, the ledger of what was removed is in removed.jsonl.\n" in done.stderr
    assert texts(read_rows(tmp_path / "removed.jsonl")) == texts(cleaned.ledger)
    assert [path.name for path in tmp_path.iterdir()] == ["removed.jsonl"]


def test_a_pipe_through_taoxi(tmp_path: Path) -> None:
    """Standard input is a source like any other; ``--quiet`` says nothing where nothing is wrong."""
    lines = "".join(json.dumps({"text": text}) + "\n" for text in (pages(1), pages(2), pages(1)))
    done = taoxi("-", "-o", "-", "--quiet", cwd=tmp_path, data=lines.encode())
    assert (done.returncode, done.stderr) == (ExitCode.DONE, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["text"], row["source"], row["copies"]) for row in rows] == [(pages(1), "-", 2), (pages(2), "-", 1)]
    assert list(tmp_path.iterdir()) == []


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """``taoxi clean … -o - | head -1`` ends without a word, and without leaving anything."""
    jsonl(tmp_path / "in.jsonl", (pages(seed) for seed in range(400)))
    command = [sys.executable, "-m", "taoxi.cli", "clean", "in.jsonl", "-o", "-"]
    # Without a buffer of Python's, the system may take a part of what is written, and that is no error to it.
    settings = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["text"] == pages(0)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == BROKEN_PIPE
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


# The guard


def test_the_guard_names_who_lost_too_much(tmp_path: Path) -> None:
    """A site or source of a hundred documents that loses over nine tenths of them; with ``--strict`` that is exit 3."""
    jsonl(tmp_path / "dump" / "same.jsonl", [pages(1)] * 120)
    jsonl(tmp_path / "other" / "few.jsonl", [pages(2)] * 99)
    report, _ = run(tmp_path / "out", tmp_path / "dump", tmp_path / "other")
    names = [str(tmp_path / "dump"), str(tmp_path / "dump" / "same.jsonl")]
    assert report.alarms == tuple(Alarm(name, 120, 119) for name in names)
    assert report.exit_code == ExitCode.DONE
    done = taoxi("dump", "other", "-o", "strict", "--strict", "--quiet", cwd=tmp_path)
    told = "119 of 120 documents were removed. Look at its rows in the ledger before you trust this run."
    assert (done.returncode, done.stdout) == (ExitCode.GUARD, "")
    assert done.stderr == f"2 alarms:\n  dump: {told}\n  dump/same.jsonl: {told}\n"
    assert intact(tmp_path / "strict") == [1]

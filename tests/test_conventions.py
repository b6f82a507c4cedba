"""An output folder in other tools: the dataset card, the Croissant description, and the recipes in the docs."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taoxi.corpus import Options, clean, make_page
from taoxi.corpus.conventions import MARK
from taoxi.corpus.conventions.described import described
from taoxi.corpus.conventions.languages import FIRST, language_of, tags
from taoxi.corpus.files import CARD, CROISSANT
from taoxi.corpus.output import SCHEMAS, Output
from taoxi.corpus.page.gather import _looked_at
from taoxi.corpus.restore import restore
from taoxi.corpus.wanted import Wanted
from tests.support import Folder, jsonl, pages, run

ROOT = Path(__file__).parent.parent
RECIPES = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
CODE = re.findall(r"^## ([^\n]*)$|^```python\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)
NEEDED = {
    "DuckDB": "duckdb",
    "polars": "polars",
    "pandas": "pandas",
    "Hugging Face datasets": "datasets",
    "Croissant": "mlcroissant",
    "Spark": "pyspark",
    "PyTorch, and anything that reads Arrow": "pyarrow",
}


def recipes() -> list[tuple[str, str]]:
    """Return the examples of the page with the headings that they stand under."""
    found = []
    heading = ""
    for title, code in CODE:
        heading = title or heading
        if code:
            found.append((heading, code))
    return found


def needed(module: str) -> None:
    """Skip the test where a library is not installed; its import may take long, so that is left to whoever uses it."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the samples, cleaned, as ``out``."""
    folder = tmp_path_factory.mktemp("made")
    clean(Options(inputs=(str(ROOT / "samples" / "raw"),), out=str(folder / "out")))
    return folder


def python(code: str, cwd: Path) -> str:
    """Run code as a process and return what it prints."""
    environment = {**os.environ, "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(cwd / "hf"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


@pytest.mark.parametrize(("heading", "code"), recipes(), ids=[f"{k}-{name}" for k, (name, _) in enumerate(recipes())])
def test_the_recipes_run(heading: str, code: str, made: Path) -> None:
    """As they stand, and what they call the corpus has every document in it, pairs and places all rows that fit."""
    needed(NEEDED[heading])
    out = Folder(made / "out")
    expected = {
        "pairs": sum(row["kind"] == "document" for row in out.ledger),
        "places": sum("鹰嘴岩" in (row["text"] or "") for row in out.corpus + out.ledger),
    }
    assert expected["places"] > 1
    count = {"polars": "corpus.collect().height", "Croissant": "len(texts)", "Spark": "corpus.count()"}.get(heading)
    count = count or ("corpus.count_rows()" if "Arrow" in heading else "len(corpus)")
    name = next((name for name in expected if f"{name} = " in code), None)
    said = python(f"{code}\nprint({f'len({name})' if name else count})", made)
    assert int(said.split()[-1]) == (expected[name] if name else len(out.corpus))


def test_every_recipe_is_known() -> None:
    """A new heading of the page needs the name of the library that it is about."""
    assert {heading for heading, _ in recipes()} == set(NEEDED)


def test_every_column_is_described() -> None:
    """In the order of the tables; a column without words would be a riddle to whoever gets the folder."""
    found = described_tables()
    for name, schema in SCHEMAS.items():
        assert [column.name for column in found[name]] == schema.names
        assert all(column.says for column in found[name])


def described_tables() -> dict[str, Any]:
    """Return the columns of the tables by their names."""
    from taoxi.corpus.conventions.described import _columns, _says

    assert {table: list(words) for table, words in _says().items()} == {n: s.names for n, s in SCHEMAS.items()}
    return {name: _columns(name) for name in SCHEMAS}


def head(card: str) -> list[str]:
    """Return the lines of the YAML head of a card."""
    lines = card.split("\n")
    assert lines[0] == "---"
    return lines[1 : lines.index("---", 1)]


def test_the_card_says_what_is_there(made: Path) -> None:
    """Its head names files that are there, its body the figures of the manifest."""
    card = (made / "out" / CARD).read_text(encoding="utf-8")
    lines = head(card)
    assert lines[:3] == ['pretty_name: "out"', "language:", "- zh"]
    assert '- "n<1K"' in lines
    for pattern in re.findall(r'path: "([^"]*)"', card):
        assert list((made / "out").glob(pattern)), pattern
    counts = Folder(made / "out").manifest["counts"]
    assert f"| found | {counts['documents']:,} |" in card
    assert f"| **kept** | **{counts['kept']:,}** |" in card
    for reason, count in counts["removed"].items():
        assert f"| removed: {reason} | {count:,} |" in card


@pytest.mark.parametrize("name", ["a\nb: c", 'a"b', "- x", "# y", "中文 <script>", "a\u202eb", "[x](y)"])
def test_names_do_not_break_the_card(name: str, tmp_path: Path) -> None:
    """The name of a folder is text: one line of YAML, and no markup below it."""
    out = tmp_path / name
    run(out, jsonl(tmp_path / "in.jsonl", [pages(1)]))
    card = (out / CARD).read_text(encoding="utf-8")
    title = head(card)[0].removeprefix("pretty_name: ")
    assert json.loads(title).isprintable()
    assert "<script>" not in card.split("---", 2)[2]
    assert json.loads((out / CROISSANT).read_bytes())["name"] == json.loads(title)
    if importlib.util.find_spec("yaml") is not None:
        assert importlib.import_module("yaml").safe_load("\n".join(head(card)))["pretty_name"] == json.loads(title)


@pytest.mark.parametrize("to", ["jsonl", "text"])
def test_other_forms_have_cards_too(to: str, tmp_path: Path) -> None:
    """The configurations are those tables that are in the same form as the corpus."""
    run(tmp_path / "out", ROOT / "samples" / "raw", to=to)
    card = (tmp_path / "out" / CARD).read_text(encoding="utf-8")
    names = re.findall(r"config_name: (\w+)", card)
    assert names == {"jsonl": ["corpus", "removed"], "text": ["corpus"]}[to]
    needed("datasets")
    code = "from datasets import load_dataset\nprint(*(load_dataset('out', n, split='train').num_rows for n in {!r}))"
    rows = [file["rows"] for file in Folder(tmp_path / "out").manifest["files"]][: len(names)]
    assert python(code.format(names), tmp_path).split()[-len(names) :] == [str(count) for count in rows]


@pytest.mark.parametrize("to", ["parquet", "jsonl", "text"])
def test_croissant_validates_and_reads(to: str, tmp_path: Path) -> None:
    """With MLCommons' own library: no errors, the warnings are about what taoxi cannot know, and every row is read."""
    needed("mlcroissant")
    run(tmp_path / "out", ROOT / "samples" / "raw", to=to)
    code = """
import mlcroissant, logging
logging.disable()
dataset = mlcroissant.Dataset(jsonld="out/croissant.json")
issues = dataset.metadata.ctx.issues
print(sorted(issues.errors), *(w.split('"')[1].split("/")[-1] for w in sorted(issues.warnings)), sep="|")
print(*(sum(1 for _ in dataset.records(table.id)) for table in dataset.metadata.record_sets))
"""
    said = python(code, tmp_path).split("\n")
    assert said[0] == "[]|citeAs|datePublished|license"
    output = Output.open(tmp_path / "out")
    tables = ("removed", "sources") if to == "text" else ("corpus", "removed", "sources")
    assert said[1].split() == [str(sum(file.rows for file in output.files(name, 1))) for name in tables]


def test_equal_runs_give_equal_descriptions(made: Path, tmp_path: Path) -> None:
    """They hold no clock, and neither batches nor processes change them."""
    clean(Options(inputs=(str(ROOT / "samples" / "raw"),), out=str(tmp_path / "out"), batch_bytes=4096, jobs=2))
    for name in (CARD, CROISSANT):
        first = (made / "out" / name).read_bytes()
        assert (tmp_path / "out" / name).read_bytes() == first
        (tmp_path / "out" / name).unlink()
        make_page(tmp_path / "out")
        assert (tmp_path / "out" / name).read_bytes() == first


def test_later_runs_replace_ours_and_leave_others(tmp_path: Path) -> None:
    """A card that a person wrote has no mark; a card of ours counts all runs, also one that restores."""
    out = tmp_path / "out"
    text = pages(1, 6)
    run(out, jsonl(tmp_path / "a.jsonl", [text, pages(2)]), append=True)
    (out / CROISSANT).write_text("{}", encoding="utf-8")
    run(out, jsonl(tmp_path / "b.jsonl", [text[:-1] + "!", pages(3)]), append=True)
    card = (out / CARD).read_text(encoding="utf-8")
    assert "| found | 4 |" in card
    assert "| **kept** | **3** |" in card
    restore(out, Wanted(reasons=("exact", "near", "contained")))
    card = (out / CARD).read_text(encoding="utf-8")
    assert MARK in card
    assert "| restored since | -1 |" in card
    assert "| **kept** | **4** |" in card
    assert (out / CROISSANT).read_text(encoding="utf-8") == "{}"
    (out / CARD).write_text("# Mine\n", encoding="utf-8")
    make_page(out)
    assert (out / CARD).read_text(encoding="utf-8") == "# Mine\n"


def test_totals_are_those_of_the_files(made: Path) -> None:
    """What the card counts lies in the folder."""
    total = described(Output.open(made / "out")).total
    rows = [pq.read_table(path) for path in sorted((made / "out" / "corpus").iterdir())]
    assert total.kept == sum(map(len, rows))
    assert total.characters == sum(len(text.as_py()) for table in rows for text in table.column("text"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2024年,OpenAI 的 API 在 GitHub 上有 3,000 个示例,渡口的老船工一个也没有看。", "zh"),
        ("渡し場の船頭は一つも見なかった。", "ja"),
        ("나루터의 뱃사공", "ko"),
        ("The ferryman 船 has seen none of the examples.", None),
        ("12345 67890", None),
        ("", None),
    ],
)
def test_languages_by_their_scripts(text: str, language: str | None) -> None:
    """What letters do not tell is left open."""
    assert language_of(text) == language


def test_rare_languages_are_no_tags() -> None:
    """One Japanese page does not make a Japanese dataset."""
    assert tags({"zh": 90, "ja": 10, "ko": 1, "": 20}) == ["zh", "ja"]
    assert tags({}) == []


@given(st.lists(st.integers(0, 700), max_size=8))
def test_the_texts_that_are_looked_at_do_not_depend_on_batches(sizes: list[int]) -> None:
    """The first ones, and then every one of so many of the run."""
    seen = []
    first = 0
    for rows in sizes:
        seen += [first + row for row in _looked_at(first, rows)]
        first += rows
    assert seen == [number for number in range(first) if number < FIRST or number % FIRST == 0]

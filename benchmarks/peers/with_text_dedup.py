"""text-dedup: its own command, which reads, clusters and writes a data set."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
from datasets import load_from_disk
from text_dedup import minhash

from benchmarks.peers.catalogue import DEFAULT
from benchmarks.peers.greedy import UNKNOWN, write_verdicts
from benchmarks.peers.shingling import read


def spaced(docs: Path, target: Path) -> Path:
    """Write the documents with spaces between their characters, because its tokens are what stands between signs."""
    with docs.open("rb") as lines, target.open("wb") as out:
        for line in lines:
            document = orjson.loads(line)
            document["text"] = " ".join(document["text"])
            out.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))
    return target


def main(docs: Path, out: Path, settings: str) -> None:
    """Deduplicate, and say what stayed, and for what the others went."""
    out.mkdir(parents=True, exist_ok=True)
    source = docs if settings == DEFAULT else spaced(docs, out / "spaced.jsonl")
    options = [] if settings == DEFAULT else ["--ngram", "5", "--num_perm", "128", "--threshold", "0.7"]
    files = ["--path", "json", "--data_files", str(source), "--split", "train", "--cache_dir", str(out / "cache")]
    data = out / "data"
    minhash.main(
        [*files, "--column", "text", "--output", str(data), "--num_proc", "1", *options], standalone_mode=False
    )
    kept = {int(number) for number in load_from_disk(str(data))["id"]}
    numbers, _ = read(docs)
    roots = [minhash.uf.find(row) for row in range(len(numbers))]
    # A document with too few tokens is left out without being like any other.
    leaders = [root if numbers[root] in kept else UNKNOWN for root in roots]
    write_verdicts(out, numbers, leaders)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])

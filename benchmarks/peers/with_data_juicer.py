"""Data-Juicer: its executor with one operator, as its command line runs it; it writes JSONL."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import orjson
from data_juicer.config import init_configs
from data_juicer.core.executor import DefaultExecutor
from data_juicer.ops import base_op
from data_juicer.utils.lazy_loader import LazyLoader

from benchmarks.peers.catalogue import DEFAULT
from benchmarks.peers.greedy import keep_or_drop, write_verdicts
from benchmarks.peers.shingling import read

OPERATOR = "document_minhash_deduplicator"
NEAR = {"tokenization": "character", "window_size": 5, "num_permutations": 128, "jaccard_threshold": 0.7}


def refuse(package: str, *_: object) -> None:
    """Stand in for its own installer, which would fetch gigabytes in the middle of a run."""
    raise ImportError(f"{package} is not installed, and a timed run installs nothing.")


def main(docs: Path, out: Path, settings: str) -> None:
    """Deduplicate, and say what stayed; what the others went for it does not tell."""
    LazyLoader._install_package = staticmethod(refuse)  # noqa: SLF001 - it has no switch for it
    # After an operator it empties the memory of models, for which it would import torch; a deduplicator has none.
    base_op.free_models = lambda: None
    out.mkdir(parents=True, exist_ok=True)
    target = out / "data.jsonl"
    recipe = {
        "dataset_path": str(docs),
        "export_path": str(target),
        "work_dir": str(out / "work"),
        "np": 1,
        "process": [{OPERATOR: {} if settings == DEFAULT else NEAR}],
    }
    config = out / "recipe.yaml"
    # JSON is YAML too.
    config.write_text(json.dumps(recipe), encoding="utf-8")
    DefaultExecutor(init_configs(["--config", str(config)])).run()
    with target.open("rb") as lines:
        kept = {int(orjson.loads(line)["id"]) for line in lines}
    numbers, _ = read(docs)
    write_verdicts(out, numbers, keep_or_drop([number in kept for number in numbers]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])

"""datatrove: its four steps, one after the other in one process; it writes JSONL."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.typeshelper import Languages
from datatrove.utils.word_tokenizers import WordTokenizer

from benchmarks.peers.catalogue import DEFAULT
from benchmarks.peers.greedy import write_verdicts
from benchmarks.peers.shingling import read


class Characters(WordTokenizer):  # type: ignore[misc]  # known only where it is installed
    """Words of one character each."""

    def word_tokenize(self, text: str) -> list[str]:
        """Return the characters that are no space."""
        return [char for char in text if not char.isspace()]

    def sent_tokenize(self, text: str) -> list[str]:
        """Return the text as one sentence."""
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """Return the span of that sentence."""
        return [(0, len(text))]


def deduplicate(docs: Path, out: Path, language: str | Characters) -> None:
    """Run the steps; each reads what the one before it wrote."""
    config = MinhashConfig()
    signatures, buckets, removed = (str(out / name) for name in ("signatures", "buckets", "removed"))

    def reader() -> JsonlReader:
        return JsonlReader(str(docs.parent), glob_pattern=docs.name)

    MinhashDedupSignature(signatures, config, language=language).run(reader().run())
    for bucket in range(config.num_buckets):
        MinhashDedupBuckets(signatures, buckets, config=config).run(None, bucket, config.num_buckets)
    MinhashDedupCluster(buckets, removed, config, save_cluster_id=True).run(None, 0, 1)
    filtered = MinhashDedupFilter(removed).run(reader().run())
    writer = JsonlWriter(str(out / "data"), compression=None)
    for _ in writer.run(filtered):
        pass


def integers(path: Path) -> list[int]:
    """Return the 32-bit numbers of a binary file; none of a file that is not there."""
    return [int(number) for number in np.fromfile(path, "<u4")] if path.exists() else []


def main(docs: Path, out: Path, settings: str) -> None:
    """Deduplicate, and say what stayed, and for what the others went."""
    deduplicate(docs, out, Languages.english if settings == DEFAULT else Characters())
    gone = set(integers(out / "removed" / "000000.remove"))
    members = integers(out / "removed" / "000000.clusters")
    clusters = dict(zip(members[::2], members[1::2], strict=True))
    stayed = {cluster: row for row, cluster in clusters.items() if row not in gone}
    numbers, _ = read(docs)
    write_verdicts(out, numbers, [stayed[clusters[row]] if row in gone else row for row in range(len(numbers))])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])

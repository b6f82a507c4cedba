"""Which peers there are, what each is asked for, and how near that is to what taoxi does."""

from __future__ import annotations

from dataclasses import dataclass

NEAR, DEFAULT, FLAGS = "near", "default", "flags"
"""Settings: as near to taoxi's as the peer allows; its own; the fastest way, which tells only what has a copy."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, what pip installs for it, and the script that drives it.

    ``requirements`` pin the version that was read and measured, and name what its own metadata leave out but its code
    imports. ``writes`` says whether it writes a corpus itself; of a library only the detection can be timed.
    """

    name: str
    requirements: tuple[str, ...]
    script: str
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One way in which a peer is run, and in words what it was asked for."""

    peer: str
    settings: str
    asked: str

    @property
    def name(self) -> str:
        """Return the name of the row, which is also that of the folder of its output."""
        return f"{self.peer} {self.settings}"


PEERS = {
    peer.name: peer
    for peer in (
        Peer("datasketch", ("datasketch==2.0.*", "orjson"), "with_datasketch"),
        Peer("rensa", ("rensa==0.5.*", "numpy", "orjson"), "with_rensa"),
        Peer("fastsketchlsh", ("fastsketchlsh==1.0.*", "numpy", "orjson"), "with_fastsketchlsh"),
        Peer("daft", ("daft==0.7.*", "numpy", "orjson"), "with_daft"),
        Peer("text-dedup", ("text-dedup==0.4.*", "orjson"), "with_text_dedup", writes=True),
        # Its metadata leave the hash and the tokenizer of English, its default, to extras that pull in torch; xxhash 4
        # refuses the strings that it hands over.
        Peer(
            "datatrove",
            ("datatrove[io]==0.10.*", "orjson", "regex", "spacy", "tokenizers", "xxhash<4"),
            "with_datatrove",
            writes=True,
        ),
        # Importing it without aiohttp fails; scipy it would install by itself in the middle of a run.
        Peer("data-juicer", ("py-data-juicer==1.6.*", "aiohttp", "orjson", "scipy"), "with_data_juicer", writes=True),
    )
}

ROWS = (
    Row("datasketch", NEAR, "hashed 5-grams of characters, 25 × 5, checked at 0.7"),
    Row("rensa", FLAGS, "hashed 5-grams of characters, one-shot flags, 16 × 8"),
    Row("rensa", NEAR, "5-grams of characters, RMinHashDeduplicator, 16 bands, checked at 0.7"),
    Row("rensa", DEFAULT, "README: words, RMinHashDeduplicator, 0.8"),
    Row("fastsketchlsh", NEAR, "hashed 5-grams of characters, 16 × 8, checked at 0.7 by us"),
    Row("fastsketchlsh", DEFAULT, "README: lower-case words, 16 × 8, flags"),
    Row("daft", NEAR, "5-grams of spaced characters, 128; banded 25 × 5 and checked at 0.7 by us"),
    Row("daft", DEFAULT, "tutorial: 5-grams of words, 64; banded 9 × 7 by us"),
    Row("text-dedup", NEAR, "characters spaced first, 5-grams, 128, 0.7"),
    Row("text-dedup", DEFAULT, "clauses, 5-grams, 250, 0.7"),
    Row("datatrove", NEAR, "a tokenizer that returns characters, 5-grams, 14 × 8"),
    Row("datatrove", DEFAULT, "English words, 5-grams, 14 × 8"),
    Row("data-juicer", NEAR, "tokenization character, window 5, 128, 0.7"),
    Row("data-juicer", DEFAULT, "tokenization space, window 5, 256, 0.7"),
    # The slowest comes last, so that an interrupted run has the others.
    Row("datasketch", DEFAULT, "update() for each 5-gram of characters, MinHashLSH(): 0.9"),
)

FLAGGED = frozenset({("rensa", FLAGS), ("fastsketchlsh", DEFAULT)})
"""Rows that tell which documents have a copy, not which of them stays: they have a time, and no quality of a corpus."""

"""Which removed documents a page shows: chosen by their figures alone, before any text is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taoxi.corpus.options import RESTORABLE, OutputError
from taoxi.corpus.schema import LEDGER
from taoxi.dedup.judge import Verdict

if TYPE_CHECKING:
    from taoxi.corpus.ledger import Outcome

CLUSTERS = 6
"""Largest clusters that are shown, each with its leader."""

MEMBERS = 3
"""Removed documents of a cluster that are shown."""

SAMPLES = {"near": 3, "template": 2, "contained": 2, "exact": 2}
"""Removed documents by reason that are shown beside the kept text."""

SIZES = (2, 3, 4, 5, 11, 21, 51, 101)
"""First sizes of the classes of clusters, behind the texts without a copy."""


@dataclass(frozen=True, slots=True)
class Removals:
    """The n removed documents of a run in natural order: ids and leaders (uint8, n by 16), reasons, similarities.

    ``here`` (bool, n) says that the leader is kept by the same run, not by an earlier one.
    """

    reason: NDArray[np.str_]
    similarity: NDArray[np.float64]
    id: NDArray[np.uint8]
    leader: NDArray[np.uint8]
    here: NDArray[np.bool_]

    @classmethod
    def of_outcome(cls, outcome: Outcome) -> Removals:
        """Take those of a run that has judged and not yet written."""
        documents = len(outcome.verdict)
        numbers = np.flatnonzero((outcome.verdict != Verdict.KEPT) & (outcome.leader >= 0))
        leaders = outcome.leader[numbers]
        return cls(
            np.array([verdict.name.lower() for verdict in Verdict])[outcome.verdict[numbers]],
            outcome.similarity[numbers],
            outcome.ids[numbers],
            outcome.ids[leaders],
            leaders < documents,
        )

    @classmethod
    def of_ledger(cls, tables: Iterable[pa.Table], run: int) -> Removals:
        """Take those that the ledger of a run holds, of which tables with the columns that are needed are given.

        Raises:
            OutputError: if an id is none.
        """
        rows = [table.filter(_led(table)) for table in tables]
        found = pa.concat_tables(rows) if rows else LEDGER.empty_table()
        try:
            ids, leaders = (bytes.fromhex("".join(found.column(name).to_pylist())) for name in ("id", "leader"))
            return cls(
                np.array(found.column("reason").to_pylist(), np.str_),
                found.column("similarity").to_numpy(),
                np.frombuffer(ids, np.uint8).reshape(-1, 16),
                np.frombuffer(leaders, np.uint8).reshape(-1, 16),
                found.column("leader_run").to_numpy() == run,
            )
        except (TypeError, ValueError) as error:
            raise OutputError(
                f"The ledger of run {run} holds an id that is none. 'taoxi verify' names all that is damaged; restore"
                " it from a backup."
            ) from error


def _led(table: pa.Table) -> pa.ChunkedArray:
    """Return which rows of a ledger are documents that went for another one."""
    return pc.is_in(table.column("reason"), pa.array(RESTORABLE))


@dataclass(frozen=True, slots=True)
class Pair:
    """A removed document and the kept one that it repeats, by their ids."""

    id: str
    leader: str
    reason: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """A kept document, how many documents it stands for with itself, and the first removed ones of them."""

    leader: str
    copies: int
    members: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page shows of the removed documents.

    ``sizes`` counts kept documents by how many they stand for: ``SIZES`` names the classes from the second one on, and
    the first one, of those without a copy, is left to whoever knows how many are kept. ``similar`` are the measured
    similarities of near and contained documents (float64).
    """

    pairs: tuple[Pair, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    sizes: tuple[int, ...] = ()
    leaders: int = 0
    similar: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def wanted(self) -> frozenset[str]:
        """The ids of all texts that are shown."""
        pairs = (*self.pairs, *(pair for cluster in self.clusters for pair in cluster.members))
        return frozenset(
            [pair.id for pair in pairs]
            + [pair.leader for pair in pairs]
            + [cluster.leader for cluster in self.clusters]
        )


def choose(removals: Removals) -> Choice:
    """Choose the documents to show: the largest clusters, and of each reason the most doubtful removal and others."""
    measured = {"near": ("near", "template"), "contained": ("contained",)}
    similar = {name: removals.similarity[np.isin(removals.reason, reasons)] for name, reasons in measured.items()}
    here = np.flatnonzero(removals.here)
    pairs = [
        _pair(removals, place) for reason, count in SAMPLES.items() for place in _spread(removals, here, reason, count)
    ]
    clusters, sizes, leaders = _clusters(removals, here)
    return Choice(tuple(pairs), clusters, sizes, leaders, similar)


def _spread(removals: Removals, here: NDArray[np.int64], reason: str, count: int) -> list[int]:
    """Return documents of a reason: from the least similar one, which is the most doubtful, to the median."""
    places = here[removals.reason[here] == reason]
    # A copy whose very bytes are those of the leader shows nothing.
    other = (removals.id[places] != removals.leader[places]).any(axis=1)
    places = places[other] if other.any() else places[:1]
    order = places[np.argsort(removals.similarity[places], kind="stable")]
    chosen: dict[bytes, int] = {}
    for step in np.unique(np.linspace(0, max(0, len(order) - 1) // 2, min(count, len(order))).astype(np.int64)):
        chosen.setdefault(removals.leader[order[step]].tobytes(), int(order[step]))
    return list(chosen.values())


def _clusters(removals: Removals, here: NDArray[np.int64]) -> tuple[tuple[Cluster, ...], tuple[int, ...], int]:
    """Return the largest clusters, how many there are by size, and how many in all."""
    keys = np.ascontiguousarray(removals.leader[here]).view(np.uint64)[:, 0]  # half of a hash tells them apart
    _, first, group, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    edges = np.array([*SIZES, np.iinfo(np.int64).max])
    sizes = np.histogram(counts + 1, edges)[0]
    found = []
    for number in np.lexsort((first, -counts))[:CLUSTERS].tolist():
        places = here[np.flatnonzero(group == number)]
        order = places[np.argsort(removals.similarity[places], kind="stable")]
        members = tuple(_pair(removals, place) for place in different(removals.id, order, MEMBERS))
        found.append(Cluster(members[0].leader, int(counts[number]) + 1, members))
    return tuple(found), tuple(sizes.tolist()), len(counts)


def different(ids: NDArray[np.uint8], order: NDArray[np.int64], most: int) -> list[int]:
    """Return the first places of an order at which other texts stand than before, at most so many."""
    found: dict[bytes, int] = {}
    for place in order:  # an early end: a cluster may hold all documents of a run
        found.setdefault(ids[place].tobytes(), int(place))
        if len(found) == most:
            break
    return list(found.values())


def _pair(removals: Removals, place: int) -> Pair:
    id_, leader = (bytes(ids[place]).hex() for ids in (removals.id, removals.leader))
    return Pair(id_, leader, str(removals.reason[place]), float(removals.similarity[place]))

"""Families: kept documents of one template, led by the first of them (Numba).

A hundred thousand pages of one template share their buckets, and to compare each with each would take days. So

* a bucket, and the list of who holds a paragraph, have one document of each family, the first that came;
* what a document has in the places where it differs from the first of the family is its *facts*. Those of each member
  are kept as a sketch (``taoxi.dedup.templates.sketch``), and members are found by pairs of its values. Of each pair
  only the first ``LISTED`` members are listed;
* a new document is compared with the first of the family, and with members whose sketch agrees with its own in
  ``AGREEING`` values or more: of these there are few, whatever the size of the family.

A copy of any member has most of its facts, whatever else was edited, and so a sketch that agrees:

    share of facts that two documents have in common    0.2    0.4    0.6    0.7    0.8    0.9
    probability to be listed, and to agree              0.138  0.703  0.970  0.995  1.000  1.000

Each value of a sketch agrees with the probability of the share; a test computes the row from that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from taoxi.dedup.room import Room
from taoxi.dedup.templates import SKETCH
from taoxi.normalize.kernel import part
from taoxi.normalize.utf8 import Array, Number

KEYS = SKETCH // 2
"""Pairs of values by which a member is found."""

LISTED = 16
"""Members that are listed by a pair; facts that more members share tell them not apart."""

AGREEING = 5
"""Values of two sketches that agree if one document may be a copy of the other."""


class Families(NamedTuple):
    """What is known of the families of kept documents, by their places among these.

    ``first`` (int64) is the place of the first of the family, ``members`` (int64) how many others a first has,
    ``latest`` (int64) the one of them that was kept last, and of a member the one before it (0: there is none),
    ``sketches`` (uint32, by ``SKETCH``) the facts of a member. ``keys`` (uint64) and ``heads`` (int32) are a hash table
    of open addressing, ``lengths`` (uint8) counts what is listed, ``links`` (int32, by ``KEYS``) leads from a member to
    the next one of the same list. ``claims`` (uint64) is another one, of the paragraphs that families hold.
    """

    first: Array
    members: Array
    latest: Array
    sketches: Array
    keys: Array
    heads: Array
    lengths: Array
    links: Array
    claims: Array


def families(documents: int, paragraphs: int, room: Room) -> Families:
    """Return what is known before any document is, with room for so many, and for the shared paragraphs they hold."""
    slots = 16
    while slots < 2 * KEYS * documents:
        slots *= 2
    claims = 16
    while claims < 2 * paragraphs:
        claims *= 2
    return Families(
        room.zeros(documents, np.int64),
        room.zeros(documents, np.int64),
        room.zeros(documents, np.int64),
        room.zeros((documents, SKETCH), np.uint32),
        room.zeros(slots, np.uint64),
        room.zeros(slots, np.int32),
        room.zeros(slots, np.uint8),
        room.zeros((documents, KEYS), np.int32),
        room.zeros(claims, np.uint64),
    )


@part
def _mixed(value: Number) -> Number:
    value = (value ^ (value >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return (value ^ (value >> np.uint64(29))) | np.uint64(1)


@part
def _key(first: Number, pair: Number, sketch: Array) -> Number:
    value = np.uint64(sketch[2 * pair]) << np.uint64(32) | np.uint64(sketch[2 * pair + 1])
    return _mixed(_mixed(value) ^ _mixed(np.uint64(first) * np.uint64(KEYS) + np.uint64(pair)))


@part
def _find(table: Array, key: Number) -> Number:
    """Return the slot of a key, or the free one where it belongs."""
    mask = np.uint64(len(table) - 1)
    slot = key >> np.uint64(17) & mask
    while table[slot] != np.uint64(0) and table[slot] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@part
def join(known: Families, place: Number, first: Number, sketch: Array) -> None:
    """Make a kept document a member of a family."""
    known.first[place] = first
    known.members[first] += 1
    known.latest[place], known.latest[first] = known.latest[first], place
    known.sketches[place] = sketch
    for pair in range(KEYS):
        slot = _find(known.keys, _key(first, pair, sketch))
        if known.lengths[slot] == LISTED:
            continue
        known.keys[slot] = _key(first, pair, sketch)
        known.links[place, pair] = known.heads[slot]
        known.heads[slot] = place
        known.lengths[slot] += 1


@part
def agree(known: Families, place: Number, sketch: Array) -> bool:
    """Tell whether the facts of a member may be those of a document."""
    count = 0
    for k in range(SKETCH):
        count += known.sketches[place, k] == sketch[k]
    return count >= AGREEING


@part
def like(known: Families, first: Number, sketch: Array, found: Array) -> Number:
    """Write the members of a family whose facts may be those of a document, by their places; return how many.

    ``found`` (int64) has room for ``KEYS`` times ``LISTED``; a member may come several times.
    """
    count = 0
    for pair in range(KEYS):
        slot = _find(known.keys, _key(first, pair, sketch))
        place = np.int64(known.heads[slot])
        for _ in range(known.lengths[slot]):
            if agree(known, place, sketch):
                found[count] = place
                count += 1
            place = np.int64(known.links[place, pair])
    return count


@part
def claim(known: Families, paragraph: Number, first: Number) -> bool:
    """Note that a family holds a paragraph; return whether that is new."""
    key = _mixed(_mixed(np.uint64(paragraph)) ^ np.uint64(first) * np.uint64(0xC2B2AE3D27D4EB4F))
    slot = _find(known.claims, key)
    if known.claims[slot] == key:
        return False
    known.claims[slot] = key
    return True

"""Site chrome: what sites print around their texts, learned from their pages and taken off.

How the passes of a run use it:

1. while sources are read, ``scan`` and ``count`` each batch of pages as it is spooled, and ``Tally.add`` the counts, in
   any order; the lines of the scan may be spooled beside the batch, or scanned again in the second pass (they are 44
   bytes a line, and the scan is three quarters of all work); between the passes ``learn`` from the tally
   what is new to earlier runs, and ``Chrome.merge`` it into what these learned;
2. ``strip`` each batch with what is ``Chrome.known`` before it is signed: the stretches it names go to the ledger, each
   with its reason.

What goes can only be told when all pages were seen, and does not depend on batches, workers or the order of pages.
"""

from taoxi.dedup.chrome.counts import Counts, Tally, count
from taoxi.dedup.chrome.forms import Lines
from taoxi.dedup.chrome.known import Known
from taoxi.dedup.chrome.learning import Before, Chrome, learn
from taoxi.dedup.chrome.lexicon import Reason
from taoxi.dedup.chrome.lines import scan
from taoxi.dedup.chrome.removal import Stripped, strip

__all__ = [
    "Before",
    "Chrome",
    "Counts",
    "Known",
    "Lines",
    "Reason",
    "Stripped",
    "Tally",
    "count",
    "learn",
    "scan",
    "strip",
]

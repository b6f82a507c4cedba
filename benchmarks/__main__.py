"""``python -m benchmarks COMMAND …``, from the checkout, with taoxi installed."""

from __future__ import annotations

import argparse
import importlib
import sys

COMMANDS = {
    "speed": "time whole runs against a bare read-parse-serialize-write of the same file, and against the peers",
    "steps": "time each step of one run",
    "quality": "count planted copies found and wrong removals, of taoxi and its peers; compare with brute force",
    "memory": "measure the peak memory of runs on more and more documents",
    "scaling": "time runs on larger and larger inputs, on one core and two, and on very large clusters",
    "recall": "count the planted copies that a run found, by kind, and its wrong removals",
    "mojibake": "misread clean text in every way, repair it, and count; and look for repairs of clean text",
    "html": "find the main text of pages that a person cleaned, and count the tokens; time it",
    "combined": "plant copies that are both width-flipped and edited, clean them, and count",
    "encodings": "count the texts that are read right in every codec, whole and damaged",
    "fuzz": "feed the decoder, the readers and whole runs with damaged input, and look for what may not happen",
    "decoding-cost": "time detection and decoding of large and of many small files",
    "lines": "damage lines of clean texts (wraps, pages, watermarks), mend them, and count",
    "chrome": "learn and remove the chrome of generated sites, and count lines right and wrong",
    "chrome-cost": "time learning and removing chrome, and count memory with millions of distinct lines",
    "append": "time adding documents to a corpus that knows up to millions",
    "siblings": "count texts of one template that go as copies, and copies that stay for fear of it",
    "chrome-copies": "count articles that are kept once after their sites' chrome is removed",
}


def main() -> int:
    """Hand the arguments to the module of the command; return its exit code."""
    listed = "\n".join(f"  {name:15}{text}" for name, text in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"commands:\n{listed}",
        epilog="COMMAND --help lists its options.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...")
    args = parser.parse_args()
    # Imported by name, because speed must stay small in memory and the others load arrays and kernels.
    return int(importlib.import_module(f"benchmarks.{args.command.replace('-', '_')}").main(args.rest))


if __name__ == "__main__":
    sys.exit(main())

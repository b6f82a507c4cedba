"""Run a script of this folder in a peer's environment: ``launch.py SCRIPT DOCS.jsonl OUT SETTINGS``.

The checkout must not stay on the path, where its folders would stand before packages of the peer with the same names.
"""

import runpy
import sys
from pathlib import Path

CHECKOUT = str(Path(__file__).parent.parent.parent)

if __name__ == "__main__":
    sys.path[0] = CHECKOUT
    import benchmarks.peers  # noqa: F401 - from now on it is found without the path

    sys.path.remove(CHECKOUT)
    script = sys.argv[1]
    sys.argv = [script, *sys.argv[2:]]
    runpy.run_module(f"benchmarks.peers.{script}", run_name="__main__", alter_sys=True)

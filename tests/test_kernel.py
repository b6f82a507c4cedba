"""The cache of compiled kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CALLEE = """from taoxi.normalize.kernel import kernel

@kernel
def inner(x):
    return x + {number}
"""
CALLER = """import sys
sys.path.insert(0, {folder!r})
from taoxi.normalize import kernel as module
module.sources.cache_clear()
module.sources = lambda: {stamp!r}
from caller import outer
print(outer(1), "numba.np.linalg" in sys.modules)
"""


def run(folder: Path, number: int, stamp: str) -> tuple[int, bool]:
    """Run a kernel that calls one of another file in a process of its own.

    Returns:
        What the kernel says, and whether it had to be compiled, for which numba imports linear algebra too.
    """
    (folder / "callee.py").write_text(CALLEE.format(number=number))
    script = CALLER.format(folder=str(folder), stamp=stamp)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    result, compiled = done.stdout.split()
    return int(result), compiled == "True"


def test_a_kernel_is_compiled_anew_when_one_it_calls_has_changed(tmp_path: Path) -> None:
    """The stamp of the cache covers all sources: Numba's own would go on to add 1. What did not change is loaded."""
    (tmp_path / "caller.py").write_text(
        "from callee import inner\nfrom taoxi.normalize.kernel import kernel\n\n"
        "@kernel\ndef outer(x):\n    return inner(x)\n"
    )
    assert run(tmp_path, 1, "old") == (2, True)
    assert run(tmp_path, 1, "old") == (2, False)
    assert run(tmp_path, 10, "new") == (11, True)

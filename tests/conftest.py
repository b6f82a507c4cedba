"""What all tests share: taoxi without an install, and the real data beside the checkout."""

from __future__ import annotations

import importlib.util
import signal
import sys
import types
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent

if importlib.util.find_spec("taoxi") is None:
    # Folder X of the checkout is the package taoxi.X; without an install only this says so, to this process alone.
    _checkout = types.ModuleType("taoxi")
    _checkout.__path__ = [str(CHECKOUT)]
    sys.modules["taoxi"] = _checkout


def pytest_configure(config: pytest.Config) -> None:
    """Compile the kernels before the processes that run the tests start, so that not each of them has to."""
    if not hasattr(config, "workerinput"):
        from taoxi.corpus.warm import warm

        warm(lambda _event: None)
    # Whoever starts the tests in the background of a script has them ignore Ctrl-C, and with them all that they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """Say which taoxi is tested, so that an old install never passes for the checkout."""
    import taoxi.normalize

    return f"taoxi: {Path(taoxi.normalize.__path__[0]).resolve().parent}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real dumps that may lie beside a checkout; skip the test where there is none."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("There is no ../shared beside this checkout. Put real dumps there to run this test.")
    return folder

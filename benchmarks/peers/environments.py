"""A virtual environment for each peer, made on request, outside the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.peers.catalogue import PEERS, Peer

DONE = "installed.txt"
"""What marks an environment that was finished; its content is what was asked for."""

LONGEST = 1800
"""Seconds after which an installation is given up."""

TAIL = 200
"""Characters of the installer's last line that go into the table as the reason."""


class NotInstalled(Exception):  # noqa: N818 - it is a finding, not a fault of this program
    """A peer cannot be installed here; the message is the reason."""


def cache() -> Path:
    """Return the folder of the environments under the user's cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taoxi-benchmarks" / "peers"


def environment(peer: Peer, folder: Path) -> Path:
    """Return the interpreter of a peer's environment under ``folder``; make and fill it if it is not there.

    Raises:
        NotInstalled: if pip fails; what it said is kept beside the environment.
    """
    home = folder / peer.name
    python = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    wanted = "\n".join(peer.requirements)
    done = home / DONE
    if done.exists() and done.read_text(encoding="utf-8") == wanted:
        return python
    print(f"Installing {peer.name} into {home} …", file=sys.stderr)
    venv.create(home, clear=True, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", *peer.requirements]
    log = folder / f"{peer.name}.log"
    with log.open("wb") as said:
        try:
            code = subprocess.run(command, stdout=said, stderr=said, check=False, timeout=LONGEST).returncode
        except subprocess.TimeoutExpired as error:
            raise NotInstalled(f"pip was not done after {LONGEST} s") from error
    if code:
        raise NotInstalled(f"pip failed: {last_error(log.read_text(encoding='utf-8', errors='replace'))}")
    done.write_text(wanted, encoding="utf-8")
    return python


def last_error(log: str) -> str:
    """Return the last line of pip's output that names an error, or its last line."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["it said nothing"])[-1][:TAIL]


def installed(names: list[str], folder: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the interpreters of the peers that could be installed, and why the others could not, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    pythons: dict[str, Path] = {}
    missing: dict[str, str] = {}
    for name in names:
        try:
            pythons[name] = environment(PEERS[name], folder)
        except NotInstalled as error:
            missing[name] = str(error)
    return pythons, missing

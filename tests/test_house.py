"""The house: what is packaged, what an install holds, what an import costs, what the samples are made of."""

from __future__ import annotations

import doctest
import email
import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
CONFIG = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
HOUSE = {name: CHECKOUT / folder for name, folder in CONFIG["tool"]["setuptools"]["package-dir"].items()}
HEAVY = ("datasketch", "llvmlite", "numba", "numpy", "pyarrow", "scipy")
"""Libraries that cost more to import than a help page may take."""

MODULES = sorted(
    module.name
    for name, folder in HOUSE.items()
    for module in pkgutil.iter_modules([str(folder)], prefix=f"{name}.")
    if not module.name.endswith(".__main__")
)


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this Python and return what it said."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def build(hook: str, source: Path, target: Path) -> Path:
    """Call a hook of the build backend in ``source``: that is what pip does, less the download of the backend."""
    target.mkdir()
    code = f"import sys; from setuptools.build_meta import {hook}; {hook}(sys.argv[1])"
    done = run("-c", code, target, cwd=source)
    assert done.returncode == 0, done.stderr
    (built,) = target.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the sdist unpacked, built from a copy, because setuptools leaves its traces in the folder it builds in."""
    folder = tmp_path_factory.mktemp("sdist")
    source = folder / "source"
    unwanted = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "out", "venv")
    shutil.copytree(CHECKOUT, source, ignore=unwanted)
    with tarfile.open(build("build_sdist", source, folder / "built")) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel built from the sdist alone, unpacked: an install as it lies in site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    with zipfile.ZipFile(build("build_wheel", sdist, folder / "built")) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def test_every_typed_folder_is_a_package() -> None:
    """A folder with a py.typed that the configuration does not name would be missing from every install."""
    typed = [path.parent for depth in ("*", "*/*") for path in CHECKOUT.glob(f"{depth}/py.typed")]
    names = {f"taoxi.{'.'.join(path.relative_to(CHECKOUT).parts)}": path for path in typed if ".dev" not in path.parts}
    assert set(names) == set(HOUSE) == set(CONFIG["tool"]["setuptools"]["packages"])
    assert names == HOUSE


def test_wheel_holds_every_module_and_data_file(wheel: Path) -> None:
    """What lies in the folders of the house lies in the wheel, and nothing else does."""
    data = {
        path
        for folder in HOUSE.values()
        for suffix in ("*.py", "py.typed", "*.tsv", "*.html", "*.css", "*.toml", "*.md")
        for path in folder.rglob(suffix)
    }
    expected = {f"taoxi/{path.relative_to(CHECKOUT).as_posix()}" for path in data}
    found = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    manual = {name for name in found if name.endswith(".data/data/share/man/man1/taoxi.1")}
    assert len(manual) == 1
    assert {name for name in found if ".dist-info/" not in name} == expected | manual


def test_wheel_says_what_it_is(wheel: Path) -> None:
    """Licence, extras and the command are in the metadata."""
    (info,) = wheel.glob("taoxi-*.dist-info")
    metadata = email.message_from_string((info / "METADATA").read_text(encoding="utf-8"))
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert set(metadata.get_all("Provides-Extra", [])) >= {"test", "dev", "web"}
    assert "Apache License" in (info / "licenses" / "LICENSE").read_text(encoding="utf-8")
    assert "taoxi = taoxi.cli.main:main" in (info / "entry_points.txt").read_text(encoding="utf-8")


def test_wheel_works_where_no_checkout_is(wheel: Path, tmp_path: Path) -> None:
    """The modules of an install import each other, not those of a checkout, and its data files can be read."""
    code = (
        "import importlib.resources as r, taoxi.normalize.model as m; print(m.__file__);"
        "print(len(r.files('taoxi.dedup').joinpath('simplified.tsv').read_text('utf-8')) > 1000)"
    )
    done = run("-c", code, cwd=tmp_path, PYTHONPATH=str(wheel))
    assert done.stderr == ""
    assert done.stdout.split() == [str(wheel / "taoxi" / "normalize" / "model.py"), "True"]


def test_sdist_holds_the_tests_and_what_they_need(sdist: Path) -> None:
    """Whoever packages taoxi for a distribution can run its tests from the sdist."""
    for name in ("README.md", "CHANGELOG.md", "LICENSE", "tests/test_house.py", "tests/conftest.py", "samples/make.py"):
        assert (sdist / name).is_file(), name
    assert run("samples/make.py", "--check", cwd=sdist).stderr == ""


def test_importing_the_command_needs_no_heavy_library(tmp_path: Path) -> None:
    """Whoever imports the command has not yet asked for what only a run needs."""
    code = f"import sys, taoxi.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = run("-c", code, cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_help_needs_no_heavy_library(tmp_path: Path) -> None:
    """The help page is printed without what only a run needs."""
    code = (
        "import sys\nfrom taoxi.cli.main import main\nsys.argv = ['taoxi', '--help']\n"
        f"try: main()\nfinally: print([name for name in {HEAVY!r} if sys.modules.get(name)], file=sys.stderr)"
    )
    done = run("-c", code, cwd=tmp_path)
    assert done.stderr == "[]\n"
    assert "clean" in done.stdout


def test_samples_are_what_their_script_makes() -> None:
    """Nobody edited a sample by hand or forgot to run the script."""
    done = run("samples/make.py", "--check", cwd=CHECKOUT)
    assert (done.returncode, done.stderr) == (0, "")


def test_samples_check_names_what_differs(tmp_path: Path) -> None:
    """The check sees a changed, a missing and a foreign file."""
    samples = tmp_path / "samples"
    shutil.copytree(CHECKOUT / "samples", samples)
    (samples / "raw" / "empty.txt").write_bytes(b"x")
    (samples / "raw" / "photo.bin").unlink()
    (samples / "raw" / "sub" / "foreign.txt").touch()
    done = run("samples/make.py", "--check", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "samples/raw is not what make.py makes: empty.txt, photo.bin, sub/foreign.txt. Run python samples/make.py.\n"
    )


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_run(name: str) -> None:
    """What a docstring shows is what happens."""
    assert doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS).failed == 0

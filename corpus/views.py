"""Views of an output: what is made from the files of its runs, and may be made again or removed at any time.

No manifest lists them, and nothing reads them back. They are written when the run that they show is published, each
under a temporary name and then renamed, so that a run which is killed leaves the old one or none. The run stands,
whatever becomes of its views: what goes wrong with them is said, and an old page, which shows another run, is removed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from taoxi.corpus.conventions import MARK
from taoxi.corpus.files import CARD, CROISSANT, PAGE, locked_folder, output_errors, publish
from taoxi.corpus.options import Lang, OutputError
from taoxi.corpus.output import Output
from taoxi.corpus.report import Listener, Notice

if TYPE_CHECKING:
    from taoxi.corpus.page.facts import Facts


def make_page(out: str | Path, *, file: str | Path | None = None, lang: Lang | None = None, wait: bool = False) -> Path:
    """Make the page of a folder again, from its files.

    Args:
        out: a folder that ``clean`` wrote.
        file: where the page goes; without it, it is ``report.html`` of the folder.
        lang: its language, None for that of the locale.
        wait: whether to wait for the end of a run that is writing the folder.

    Returns:
        The path of the page.

    Raises:
        UsageError: if ``out`` holds no finished run, or another run is writing it.
        OutputError: if a file is missing or damaged, or the page cannot be written.
    """
    from taoxi.corpus.page.facts import Facts

    output = Output.open(out)
    if file is not None:
        final = Path(file)
        with output_errors(final):
            _put(_page(Facts.of_folder(output), lang), final.absolute().with_name(f".{final.name}.taoxi"), final)
        return final
    folder = Path(out)
    with locked_folder(folder, add=True, wait=wait) as staging, output_errors(out):
        output = Output.open(folder)
        _put(_page(Facts.of_folder(output), lang), staging / PAGE, folder / PAGE)
        for name in (CARD, CROISSANT):
            _describe(output, name, staging)
    return folder / PAGE


def show(read: Callable[[], Facts], out: Path, staging: Path, lang: Lang | None, tell: Listener) -> None:
    """Write the views of a folder whose last run has just been published; ``read`` returns its facts."""
    again = f"'taoxi report {out}'"
    _try(out / PAGE, lambda: _put(_page(read(), lang), staging / PAGE, out / PAGE), again, tell)
    for name in (CARD, CROISSANT):
        _try(out / name, partial(_describe_folder, out, name, staging), again, tell)


def show_file(read: Callable[[], Facts], final: Path, lang: Lang | None, tell: Listener) -> None:
    """Write the page of a run whose output is a file, which has just been published."""
    staged = final.absolute().with_name(f".{final.name}.taoxi")
    _try(final, lambda: _put(_page(read(), lang), staged, final), "The same command with --overwrite", tell)


def _page(facts: Facts, lang: Lang | None) -> bytes:
    from taoxi.corpus.page.render import language, rendered

    # Lone surrogates stand for the bytes of file names that are no text; the page has shown them as escapes.
    return rendered(facts, language(lang)).encode("utf-8", "backslashreplace")


def _describe_folder(out: Path, name: str, staging: Path) -> None:
    _describe(Output.open(out), name, staging)


def _describe(output: Output, name: str, staging: Path) -> None:
    """Write the card or the Croissant description of a folder, unless a person wrote what is there."""
    from taoxi.corpus.conventions.card import card
    from taoxi.corpus.conventions.croissant import croissant
    from taoxi.corpus.conventions.described import described

    final = output.path / name
    if _ours(final):
        text = {CARD: card, CROISSANT: croissant}[name](described(output))
        _put(text.encode(), staging / name, final)


def _ours(path: Path) -> bool:
    """Whether a description is not there, or is one that a run wrote."""
    return not path.exists() or MARK.encode() in path.read_bytes()


def _put(content: bytes, staged: Path, final: Path) -> None:
    """Publish a view; nothing is left where it could not be written."""
    try:
        staged.write_bytes(content)
        publish(staged, final)
    except BaseException:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise


def _try(final: Path, write: Callable[[], None], again: str, tell: Listener) -> None:
    """Write a view; say what went wrong, whatever it is: the run is published."""
    try:
        write()
    except Exception as error:  # noqa: BLE001 - a defect of a view is none of the run
        with contextlib.suppress(OSError):
            if final.name == PAGE or _ours(final):
                final.unlink(missing_ok=True)
        reason, remedy = str(error), f"{again} makes it again."
        if isinstance(error, OSError) and error.errno:
            reason = os.strerror(error.errno)
        elif not isinstance(error, (OSError, OutputError)):
            reason = f"a defect in taoxi, {type(error).__name__}: {error}"
            remedy = "Report it with what the folder holds."
        tell(Notice(f"The run is complete, but {final} could not be written: {reason}. {remedy}"))

"""The page of a run in a real browser, without a network and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from taoxi.corpus import Options, clean, make_page
from taoxi.corpus.options import Lang
from tests.browser import Browser, browser, found
from tests.support import jsonl, pages

pytestmark = pytest.mark.skipif(found() is None, reason="there is no Chromium here")

SAMPLES = Path(__file__).parent.parent / "samples" / "raw"
WIDTHS = (360, 768, 1200)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>\u202e\x1b[31m" + "无" * 3


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    """Return a browser."""
    with browser() as page:
        yield page


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output of the samples and of a hostile dump with long words, which no line could hold."""
    folder = tmp_path_factory.mktemp("browser")
    long = "x" * 500
    records = [
        {
            "text": f"{HOSTILE}\n{pages(k % 3)}\n{long}",
            "title": HOSTILE + long,
            "url": f"https://{long[:60]}.example/{k}",
        }
        for k in range(8)
    ]
    jsonl(folder / "in" / f"{long[:200]}.jsonl", records)
    clean(Options(inputs=(str(SAMPLES), str(folder / "in")), out=str(folder / "out")))
    return folder / "out"


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_and_is_silent(opened: Browser, out: Path, tmp_path: Path, lang: Lang, width: int) -> None:
    """Nothing is wider than the window, nothing is asked for, nothing is said on the console, light or dark."""
    page = make_page(out, file=tmp_path / "page.html", lang=lang)
    for dark in (False, True):
        opened.open(page, width, dark=dark)
        content, window = opened.widths()
        assert content <= window == width
        assert opened.said() == []
        assert opened.requested() == [page.as_uri()]


def test_its_style_is_allowed_by_its_own_policy(opened: Browser, out: Path) -> None:
    """The digest in the policy is right: without it the page would be black on white."""
    page = make_page(out, lang=Lang.EN)
    for dark, colour in ((False, "rgb(251, 250, 247)"), (True, "rgb(21, 23, 26)")):
        opened.open(page, dark=dark)
        root = opened.call("DOM.getDocument")["root"]["nodeId"]
        body = opened.call("DOM.querySelector", nodeId=root, selector="body")["nodeId"]
        opened.call("CSS.enable")
        style = opened.call("CSS.getComputedStyleForNode", nodeId=body)["computedStyle"]
        assert {"name": "background-color", "value": colour} in style


def test_hostile_text_makes_no_elements(opened: Browser, out: Path) -> None:
    """The tree that the browser builds has no script, image or other element that could do something."""
    opened.open(make_page(out, lang=Lang.EN))
    root = opened.call("DOM.getDocument")["root"]["nodeId"]
    wanted = "script, img, iframe, object, embed, a, link, form, base, [onerror], [onload], [style]"
    assert opened.call("DOM.querySelectorAll", nodeId=root, selector=wanted)["nodeIds"] == []
    assert opened.call("DOM.querySelectorAll", nodeId=root, selector="svg.bar")["nodeIds"]

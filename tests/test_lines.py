"""Broken lines, furniture and watermarks: golden cases as data, what a source teaches, what holds for any text."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taoxi.normalize.lines import (
    JOIN_RULES,
    RULES,
    Counts,
    Marks,
    Mended,
    Options,
    Rule,
    count,
    decide,
    evidence,
    look_over,
    mend,
    mend_some,
    restore,
)
from taoxi.normalize.utf8 import Bytes, Offsets
from tests.support import prose

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "cases" / "lines.jsonl").read_text("utf-8").splitlines()
]
WATERMARK = "更多资料+【公众号:木棉花】"


def buffer(texts: Sequence[str]) -> tuple[Bytes, Offsets]:
    """Return texts one after another in UTF-8, and their bounds."""
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return np.frombuffer(b"".join(encoded), np.uint8), offsets


def statistics(texts: Sequence[str], groups: Sequence[int] | None = None) -> Counts:
    """Return the statistics of texts, of one source unless groups are given."""
    return count(*buffer(texts), np.array(groups or [0] * len(texts), np.int64))


def mended(texts: Sequence[str], marks: Marks | None = None, off: frozenset[Rule] = frozenset()) -> Mended:
    """Mend the texts of one source, with what is learned of them unless marks are given."""
    known = decide(statistics(texts)) if marks is None else marks
    return mend(*buffer(texts), np.zeros(len(texts), np.int64), known, Options(off))


def texts_of(done: Mended) -> list[str]:
    """Return the texts that came out."""
    data = bytes(done.utf8)
    return [data[a:b].decode() for a, b in zip(done.offsets.tolist(), done.offsets.tolist()[1:], strict=False)]


def counted(done: Mended) -> dict[str, int]:
    """Return the rules that did something, and how often."""
    totals = done.changes.sum(axis=0).tolist()
    return {rule.value: total for rule, total in zip(RULES, totals, strict=True) if total}


def stamped(texts: Sequence[str], marks: Sequence[str], at: int = 61) -> list[str]:
    """Return texts with a watermark and a line break inside a sentence of each."""
    return [f"{t[:at]}{marks[k % len(marks)]}\n{t[at:]}" for k, t in enumerate(texts)]


PROSE = [prose(k, 200) for k in range(8)]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_golden_case(case: dict[str, Any]) -> None:
    """A text becomes what the case says, by the rules it says, and stays so when it is mended again."""
    done = mended([case["text"]])
    assert texts_of(done) == [case["expected"]]
    assert counted(done) == case.get("changes", {})
    again = mended(texts_of(done))
    assert texts_of(again) == [case["expected"]]
    assert counted(again) == {}


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_rules_that_are_off_do_nothing(case: dict[str, Any]) -> None:
    """With all rules off a text comes back as it was; with one off, that one does nothing."""
    done = mended([case["text"]], off=frozenset(Rule))
    assert (texts_of(done), counted(done), done.removed) == ([case["text"]], {}, [])
    for rule in map(Rule, case.get("changes", {})):
        assert rule.value not in counted(mended([case["text"]], off=frozenset({rule})))


def test_every_rule_has_a_case() -> None:
    """No rule that learns nothing from a source goes without a golden case."""
    shown = {rule for case in CASES for rule in case.get("changes", {})}
    assert shown | {Rule.WATERMARK, Rule.RUNNING_HEAD} == set(Rule)


LAMP = [
    (
        "The lamp at the end of the pier had been burning for as long as anyone in the village could remember,"
        " and nobody knew who had first lit it, or who filled it in winter."
    ),
    (
        "One autumn a young surveyor arrived with a chain and two assistants. He measured the pier from end to end,"
        " and he wrote a great many figures in a small black notebook."
    ),
    (
        "The villagers listened politely. They brought him tea, and they showed him the register in which every storm"
        " had been entered since the harbour was built."
    ),
    (
        "When the tides came, the water rose higher than it had in thirty years. It carried away two boats and most of"
        " the stakes, but the pier was still standing."
    ),
    (
        "The surveyor came back in June. He walked out along the boards without his chain, sat down beneath the lamp,"
        " and remained there until the ferry blew its whistle."
    ),
]


def test_an_address_that_is_stamped_on_latin_text_goes() -> None:
    """And no other address that the text names, though each begins in the same way."""
    named = "Their timetable is at www.harbour.example.org, and in the hall."
    places = [t.index(" ", len(t) * (5 + k) // 12) for k, t in enumerate(LAMP)]
    parts = [(t[:at], t[at + 1 :]) for t, at in zip(LAMP, places, strict=True)]
    pages = [f"{before} www.lamp{k}.example.com\n{behind}" for k, (before, behind) in enumerate(parts)]
    done = mended(["\n\n".join([*pages, named])])
    assert counted(done)["watermark"] == len(LAMP)
    assert named in texts_of(done)[0]


@pytest.mark.parametrize("word", ["at", "on"])
def test_links_at_the_ends_of_lines_stay(word: str) -> None:
    """What leads to them is the same, or they stand inside lines as well."""
    about = ["See the lamp", "Write to the office", "Find a room", "Read the register", "Ask the pilot"]
    more = "for more about it and its many keepers, who wrote most of it down. There is more."
    text = "\n".join(f"{said} {word} www.harbour.example.org\n{more}" for said in about)
    done = mended([text])
    assert (counted(done), texts_of(done)) == ({}, [text])


def test_a_title_behind_a_note_stays() -> None:
    """Sentences before it do not make it a running head, though pages repeat it."""
    head = "第十二届人民代表大会文件汇编"
    pages = [f"{t[:61]}\n{head}\n{t[61:]}" for t in PROSE]
    text = "\n".join([prose(90, 60), head, *pages])
    out = texts_of(mended([text]))[0]
    assert out.splitlines() == [prose(90, 60), head, *PROSE]


def test_watermark_goes_and_its_sentence_closes() -> None:
    """A span that was stamped into the sentences of a source goes; the sentences read on, and the evidence says why."""
    done = mended(stamped(PROSE, [WATERMARK]))
    assert texts_of(done) == PROSE
    assert counted(done) == {"watermark": 8, "mend_break": 8}
    assert {stretch.text for stretch in done.removed} == {WATERMARK.encode() + b"\n"}
    assert {stretch.evidence.count for stretch in done.removed} == {8}
    assert all(stretch.evidence.neighbours >= 3 for stretch in done.removed)


def test_variations_of_a_watermark_go_too() -> None:
    """Other endings, the middle of a line, and one that breaks off behind a sentence."""
    first, second, third = PROSE[5], PROSE[6], PROSE[7]
    comma = "第一项已经完成,第二项正在进行。"
    texts = [
        *stamped(PROSE[:5], [WATERMARK]),
        f"{first[:61]}更多资料+KBC:xx\n{first[61:]}",
        f"{comma[:8]}更多资料vx:kk整理,{comma[8:]}{second}",
        f"{third}更多材料:\n{first}",
    ]
    done = mended(texts)
    assert texts_of(done) == [*PROSE[:5], first, comma + second, f"{third}\n{first}"]
    assert counted(done)["watermark"] == 8


def test_an_unclosed_bracket_of_a_watermark_takes_no_text_with_it() -> None:
    """Inside a line the sentence goes on behind the bracket; at its end the watermark is cut off there."""
    first, second = PROSE[5], PROSE[6]
    texts = [
        *stamped(PROSE[:5], [WATERMARK]),
        f"{first[:61]}更多资料【{first[61:]}",
        f"{second[:61]}更多资料【公众号:木\n{second[61:]}",
    ]
    assert texts_of(mended(texts)) == [*PROSE[:5], first, second]


def test_watermark_without_signs_goes_if_it_is_nowhere_else() -> None:
    """A span that looks like any text is taken if one text has it inside three sentences, and hardly elsewhere."""
    stamp = "内部学习材料请勿外传"
    text = "\n".join(stamped(PROSE, [stamp]))
    assert texts_of(mended([text])) == ["\n".join(PROSE)]
    quoted = "\n".join([*stamped(PROSE, [stamp]), *(f"封面上写着{stamp}几个字。" for _ in range(9))])
    assert stamp in texts_of(mended([quoted]))[0].split("封面")[0]


def test_watermark_without_signs_once_in_each_text() -> None:
    """The texts of a source prove together what none of them proves alone."""
    for stamp in ("内部学习材料请勿外传", "关注某某公众号获取更多资料"):
        texts = stamped(PROSE[:4], [stamp])
        assert texts_of(mended(texts)) == PROSE[:4]
        assert texts_of(mended(texts[:2])) == texts[:2]


def test_phrases_of_very_many_texts_are_no_watermarks() -> None:
    """What a few of very many texts have at such places is a phrase of theirs: of a stamp there would be more."""
    stamp = "内部学习材料请勿外传"
    texts = stamped(PROSE[:4], [stamp])
    others = [f"{text[:61]}\n{text[61:]}" for text in (prose(k, 200) for k in range(100, 600))]
    assert texts_of(mended(texts + others[:50]))[:4] == PROSE[:4]
    assert all(stamp in text for text in texts_of(mended(texts + others))[:4])


def test_phrases_that_lead_to_lists_are_no_watermarks() -> None:
    """What reports of a source say before their lists stays, though it ends lines inside sentences."""
    verbs = ("主要做了", "重点抓好", "着力推进", "全面完成", "注重抓好", "具体抓好")
    texts = [f"{text}一年来,{verbs[k % 6]}以下工作:\n一是{text}" for k, text in enumerate(PROSE)]
    assert texts_of(mended(texts)) == texts


def test_phrases_at_the_ends_of_pages_are_no_watermarks() -> None:
    """A phrase of a report may end several of its pages: it stands inside its lines as well."""
    phrase = "全镇老井的普查和修理"
    texts = [f"{t[:61]}{phrase}\n{t[61:]}为了{phrase},今年多次开会研究{phrase}的事情。" for t in PROSE]
    assert all(text.count(phrase) == 3 for text in texts_of(mended(texts)))


def test_same_neighbours_prove_no_watermark() -> None:
    """What copies of one text have in common is the text."""
    texts = stamped([PROSE[0]] * 8, [WATERMARK])
    assert texts_of(mended(texts)) == texts


def test_groups_learn_for_themselves() -> None:
    """A watermark of one source is text in another."""
    texts = [*stamped(PROSE[:6], [WATERMARK]), *stamped(PROSE[6:], [WATERMARK])]
    groups = np.array([1] * 6 + [2] * 2)
    marks = decide(statistics(texts, groups.tolist()))
    assert set(marks) == {1}
    done = mend(*buffer(texts), groups, marks)
    assert texts_of(done) == [*PROSE[:6], *texts[6:]]


def test_running_heads_go_but_titles_and_salutations_stay() -> None:
    """The head of each page goes with its number; the title that it repeats, and who is spoken to, do not."""
    title = "老井志初稿"
    body = "\n".join(PROSE)
    ends = [at + (body[at - 1] in "。\n") - (body[at] in "。\n") for at in range(431, len(body) - 30, 431)]
    pages = [body[a:b] for a, b in zip([0, *ends], [*ends, len(body)], strict=True)]
    text = f"{title}\n\n各位乡亲:\n\n" + "".join(f"{page}\n— {k} —\n{title}\n" for k, page in enumerate(pages, 11))
    (out,) = texts_of(mended([text.rstrip("\n")]))
    assert out == f"{title}\n\n各位乡亲:\n\n{body}"


def test_headings_of_copies_beside_page_numbers_stay() -> None:
    """Copies of a report whose pages end elsewhere have its headings beside different numbers: no running heads."""
    top = "青石镇工作报告\n镇长 周某某\n二月九日\n各位代表:\n现将工作报告如下。\n请予审议。"
    body = [PROSE[0], "工作回顾与体会", PROSE[1], "下一步打算", PROSE[2]]
    texts = []
    for k in range(6):
        lines = [*body[:1], f"第{k + 3}页 共20页", *body[1:3], *([f"第{k + 4}页 共20页"] if k % 2 else []), *body[3:]]
        texts.append("\n".join([top, *lines]))
    for text in texts_of(mended(texts)):
        assert text == "\n".join([top, *body])


def test_feet_and_heads_around_a_page_break_go() -> None:
    """The foot of a page with its number, and the head of the next, go from a wrapped text; its paragraph closes."""
    said = [f"Keeper {k} went to the pier in the rain, and his lamp burned until the morning." for k in range(100, 150)]
    whole = " ".join(said)
    lines = textwrap.wrap(whole, 66)
    foot, head = (
        "Winter        Informational        [Page {}]\n\n",
        "RFC 9999      The Lamp Protocol      June 2019\n\n",
    )
    pages = ["\n".join(lines[at : at + 12]) for at in range(0, len(lines), 12)]
    text = pages[0] + "".join(f"\n\n{foot.format(k)}{head}{page}" for k, page in enumerate(pages[1:], 1))
    assert texts_of(mended([text])) == [whole]


def test_copies_of_a_speech_keep_their_heads() -> None:
    """Lines at the top of a text that its copies share are no running heads, though a wrapped title stands there."""
    top = "——在县第十七届人民代表大会第一次会\n议上的报告\n县长 周某某\n各位代表:\n"
    texts = [top + "\n".join(p[at : at + 18] for at in range(0, len(p), 18)) for p in [PROSE[0]] * 8]
    assert all("县长 周某某\n各位代表:\n" in text for text in texts_of(mended(texts)))


def test_semicolon_goes_on_only_where_furniture_stood() -> None:
    """An item may end in a semicolon; a sentence that a page number parted there may go on."""
    parts = (PROSE[0][:-1] + ";", PROSE[1])
    assert texts_of(mended(["\n".join(parts)])) == ["\n".join(parts)]
    assert texts_of(mended(["\n第3页 共9页\n".join(parts)])) == ["".join(parts)]


@given(st.integers(0, 1 << 30), st.integers(15, 40))
@settings(max_examples=30, deadline=None)
def test_wrapped_paragraphs_come_back(seed: int, width: int) -> None:
    """Paragraphs that were wrapped at any width and parted by blank lines are whole again, but for nothing."""
    paragraphs = [prose(seed + k, 150) for k in range(4)]
    lines = ["\n".join(p[at : at + width] for at in range(0, len(p), width)) for p in paragraphs]
    assert texts_of(mended(["\n\n".join(lines)])) == ["\n\n".join(paragraphs)]


ATOMS = [
    *(
        "\n",
        "\n",
        "\n\n",
        "。",
        ",",
        ";",
        ":",
        "”",
        "“",
        "(",
        ")",
        "-",
        " ",
        "a",
        "Word",
        "5",
        "%",
        "各位",
        "一、",
        "(二)",
    ),
    *("- 3 -", "第4页 共9页", "5", "(下转4版)", "【打印】", "|", "```", "# ", "> ", "1. ", "www.x.com", "\U00020000"),
    *(
        "汉字汉字,汉字汉字",
        "这里是一句话,还没有说完",
        "这里是一句说完了的话。",
        WATERMARK,
        "burn-\ning",
        "héros",
        "한글",
    ),
]
TEXTS = st.lists(st.lists(st.sampled_from(ATOMS), max_size=60).map("".join), min_size=1, max_size=5)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_what_is_removed_restores_the_text(texts: list[str]) -> None:
    """Text and stretches give the text with its joins exactly; joins touch nothing but breaks, spaces and hyphens."""
    whole = texts * 4  # so that something repeats
    done = mended(whole)
    plain = mended(whole, off=frozenset(Rule) - frozenset(JOIN_RULES))
    for row, (text, out) in enumerate(zip(whole, texts_of(done), strict=True)):
        own = [stretch for stretch in done.removed if stretch.row == row]
        full = restore(out.encode(), own).decode()
        assert _letters(full) == _letters(text)
        for stretch in own:
            assert full.encode()[stretch.start : stretch.end] == stretch.text
        assert len(own) == sum(done.changes[row, k] for k, rule in enumerate(RULES) if rule not in JOIN_RULES)
    assert not plain.removed


def _letters(text: str) -> list[str]:
    """Return the characters that no join may touch."""
    return [char for char in text if char not in "\n -"]


@given(TEXTS, st.integers(0, 4))
@settings(max_examples=100, deadline=None)
def test_statistics_do_not_depend_on_batches(texts: list[str], cut: int) -> None:
    """Two batches give what one gives, in either order."""
    whole = texts * 4
    one = statistics(whole)
    for first, second in ((whole[:cut], whole[cut:]), (whole[cut:], whole[:cut])):
        both = Counts()
        for part in (first, second):
            if part:
                both.add(statistics(part))
        assert both == one
    assert decide(both) == decide(one)


def test_memory_of_statistics_is_bounded() -> None:
    """Above the limit entries are forgotten by hash: the same ones in whatever order texts come."""
    texts = [f"{prose(k, 80)}{prose(900 + k, 40)[:15]}第{k}" for k in range(60)]
    parts = [statistics([text]) for text in texts]
    results = []
    for order in (parts, parts[::-1]):
        both = Counts(most=20)
        for part in order:
            both.add(part)
        assert 0 < len(both.tallies) <= 20
        results.append((both.tallies, both.level))
    assert results[0] == results[1]


def test_texts_with_nothing_to_do_keep_their_buffer() -> None:
    """Where nothing changes, nothing is copied."""
    utf8, offsets = buffer(PROSE)
    done = mend(utf8, offsets, np.zeros(len(PROSE), np.int64), {})
    assert np.shares_memory(done.utf8, utf8)
    assert done.offsets is offsets


@given(TEXTS, st.lists(st.integers(0, 40), max_size=6))
@settings(max_examples=100, deadline=None)
def test_idle_texts_need_not_be_looked_at(texts: list[str], cuts: list[int]) -> None:
    """Only those that the first look finds busy change, or hold a mark: the result is that of mending all."""
    utf8, offsets = buffer([*texts, prose(1), *texts * 3, prose(2, 300)])
    groups = np.arange(len(offsets) - 1, dtype=np.int64) % 2
    counts, busy = look_over(utf8, offsets, groups)
    marks = decide(counts)
    # Walls are places between lines, of texts that count as busy.
    breaks = np.flatnonzero(utf8 == ord("\n")) + 1
    walls = np.unique(breaks[[cut % len(breaks) for cut in cuts]]) if len(breaks) else breaks
    busy[np.searchsorted(offsets, walls[walls < offsets[-1]], "right") - 1] = True
    busy[np.searchsorted(offsets, walls, "left") - 1] = True
    some = mend_some(utf8, offsets, groups, marks, Options(), walls, busy)
    full = mend(utf8, offsets, groups, marks, Options(), walls)
    assert bytes(some.utf8) == bytes(full.utf8)
    for one, other in ((some.offsets, full.offsets), (some.changes, full.changes), (some.edits, full.edits)):
        assert np.array_equal(one, other)
    assert some.removed == full.removed


def test_a_full_sample_is_not_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edges with the lowest hashes are remembered, in any order, at one hash for each that comes."""
    asked = []
    hashed = evidence.rank

    def rank(edge: str) -> tuple[int, str]:
        asked.append(edge)
        return hashed(edge)

    edges = [prose(k)[:20] + str(k) for k in range(3000)]
    lowest = sorted(edges, key=hashed)[: evidence.SAMPLE]
    monkeypatch.setattr(evidence, "rank", rank)
    for order in (edges, edges[::-1], sorted(edges)):
        tally = evidence.Tally()
        asked.clear()
        for edge in order:
            tally.see(edge)
        assert sorted(tally.sample) == sorted(lowest)
        # One that goes in is followed by a look over the sample: some SAMPLE * ln(3000 / SAMPLE) of them do.
        assert len(asked) <= 3000 + 8 * evidence.SAMPLE**2
    for edge in lowest:
        tally.see(edge, 2)
    assert set(tally.sample.values()) == {3}

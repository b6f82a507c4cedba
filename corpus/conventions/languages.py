"""Tell the languages that a script gives away, for the tags of a dataset."""

from __future__ import annotations

import re

SEEN = 200
"""Characters of a text that are looked at."""

FIRST = 128
"""Documents that are looked at: so many, and then every one of so many."""

SHARE = 0.05
"""Part of the documents that were looked at from which a language is a tag of the dataset."""

KANA = 0.05
"""Kana among Han and kana from which a text is Japanese, which writes its endings in them; Chinese has none."""

LETTERS = 0.3
"""Part of the letters that Han or Hangul must be: Chinese texts quote names, code and addresses."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str | None:
    """Return ``zh``, ``ja`` or ``ko``, or None: letters that many languages share do not say which one it is.

    >>> (
    ...     language_of("渡口的老船工"),
    ...     language_of("渡し場の船頭"),
    ...     language_of("나루터의 뱃사공"),
    ...     language_of("The ferryman"),
    ... )
    ('zh', 'ja', 'ko', None)
    """
    seen = text[:SEEN]
    han, kana, hangul, letters = (len(pattern.findall(seen)) for pattern in (_HAN, _KANA, _HANGUL, _LETTER))
    if hangul and hangul >= LETTERS * letters:
        return "ko"
    if han + kana == 0 or han + kana < LETTERS * letters:
        return None
    return "ja" if kana >= KANA * (han + kana) else "zh"


def tags(counts: dict[str, int]) -> list[str]:
    """Return the languages of a dataset, the most frequent first; ``counts`` has the others under an empty name.

    >>> tags({"zh": 200, "ja": 3, "": 50})
    ['zh']
    """
    whole = sum(counts.values())
    found = [name for name, count in counts.items() if name and count >= SHARE * whole]
    return sorted(found, key=lambda name: (-counts[name], name))

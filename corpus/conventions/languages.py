"""Tell the languages that a script gives away, for the tags of a dataset."""

from __future__ import annotations

SEEN = 100
"""Characters of a text that are looked at."""

FIRST = 256
"""Documents that are looked at: so many, and then every one of so many."""

SHARE = 0.05
"""Part of the documents that were looked at from which a language is a tag of the dataset."""

KANA = 0.05
"""Kana among Han and kana from which a text is Japanese, which writes its endings in them; Chinese has none."""

LETTERS = 0.3
"""Part of the letters that Han or Hangul must be: Chinese texts quote names, code and addresses."""

_ASIAN = "\u3040"
"""Before it no letter is Han, kana or Hangul."""


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
    han = kana = hangul = letters = 0
    for char in text[:SEEN]:
        if char.isalpha():
            letters += 1
            if char >= _ASIAN:
                han += "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or char >= "\U00020000"
                kana += "\u3040" <= char <= "\u30ff" or "\uff66" <= char <= "\uff9f"
                hangul += "\uac00" <= char <= "\ud7af"
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

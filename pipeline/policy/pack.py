"""The figures of one month: the pack that covers it, and a bureau's override of single figures."""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import BadInput
from pipeline.months import parse_month
from pipeline.policy.packs import Pack, every_pack, flatten, kind_of, read_toml

# What an override may say besides figures. Its months, where it gives them, must hold the audit month.
_HEAD = ("from", "name", "valid_from", "valid_to")


@dataclass(frozen=True)
class Override:
    """A bureau's file: whose figures, its hash, and every figure it gives (also those equal to the pack's)."""

    source: str
    file: str
    sha256: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Policy:
    """The figures of one month. `figures` and `lists` are keyed 'section.name'; `sha256` is over pack and override.

    `overridden`: the figures whose value the override changed.
    """

    pack: Pack
    source: str
    sha256: str
    figures: dict[str, float]
    lists: dict[str, list[Any]]
    about: dict[str, dict[str, Any]]
    overridden: tuple[str, ...]
    override: Override | None = None

    @property
    def name(self) -> str:
        return self.pack.name

    @property
    def names(self) -> set[str]:
        """Every figure and list that a rule may declare."""
        return set(self.figures) | set(self.lists)

    @property
    def review_months(self) -> dict[str, int]:
        """Category of dibao → months between two reviews."""
        return {k.split(".")[1]: int(v) for k, v in self.figures.items() if k.startswith("review_months.")}

    @property
    def run_limits(self) -> dict[str, float]:
        """When a month's data are told of as doubtful: the figures of section `run`, by name."""
        return {k.split(".")[1]: v for k, v in self.figures.items() if k.startswith("run.")}

    def value(self, key: str) -> float | list[Any]:
        return self.figures[key] if key in self.figures else self.lists[key]

    def verified(self, key: str) -> bool:
        """Whether the figure's clause was read; a bureau's own figure was not compared with any text."""
        return key not in self.overridden and bool(self.about[key]["verified"])

    @property
    def unverified(self) -> list[str]:
        """One Chinese sentence a figure whose clause nobody has read, those of an override included."""
        out = []
        for key, about in self.about.items():
            if key in self.overridden:
                out.append(f"{about['zh']}（{key}）取自 {self.source}，未与原文核对")
            elif not about["verified"]:
                out.append(f"{about['zh']}（{key}）：{about['clause']}，{about['source']}")
        return out

    def params(self) -> dict[str, Any]:
        """Bind parameters of SQL: 'limits.homes' is $limits_homes. Whole numbers are integers."""
        return {
            k.replace(".", "_"): int(v) if float(v).is_integer() else v for k, v in self.figures.items() if k.isascii()
        }

    def record(self) -> dict[str, Any]:
        """What `run.json` keeps: the pack, and the override with whom it is from, its hash and its figures."""
        given = self.override and {
            "from": self.override.source,
            "file": self.override.file,
            "sha256": self.override.sha256,
            "figures": self.override.values,
            "changed": list(self.overridden),
        }
        return {
            "name": self.name,
            "pack": self.pack.id,
            "valid_from": self.pack.valid_from,
            "valid_to": self.pack.valid_to,
            "source": self.source,
            "sha256": self.sha256,
            "override": given,
            "unverified": self.unverified,
        }


def _read_override(path: Path, pack: Pack, month: str | None) -> Override:
    """A bureau's file, checked against the pack's figures. BadInput names file, key and what to do."""
    data, raw = read_toml(path)
    values = flatten(data, _HEAD, path.name)
    for key in _HEAD:
        if key in data and (not isinstance(data[key], str) or not data[key].strip()):
            raise BadInput(f"'{key}' must be a text", file=path.name, remedy=f'write {key} = "…"')
    first, last = (parse_month(data[k]) if k in data else None for k in ("valid_from", "valid_to"))
    if month and ((first and month < first) or (last and month > last)):
        raise BadInput(
            f"the figures are for {first or '…'} to {last or '…'}, not for month {month}",
            file=path.name,
            remedy="give the file of that month, or correct valid_from and valid_to",
        )
    for key, value in values.items():
        if key not in pack.values:
            near = difflib.get_close_matches(key, pack.values, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "`audit policy show` lists the figures there are"
            raise BadInput(f"unknown policy figure '{key}'", file=path.name, remedy=hint)
        words, good = kind_of(pack.about[key], value)
        if not good:
            raise BadInput(
                f"policy figure '{key}' must be {words}", file=path.name, remedy=f"correct {key} in the file"
            )
    source = str(data.get("from") or data.get("name") or path.name)
    return Override(source, path.name, hashlib.sha256(raw).hexdigest(), values)


def policy_of(pack: Pack, override: Path | None = None, *, month: str | None = None) -> Policy:
    """The figures of one pack, with single figures replaced by those of `override`."""
    theirs = _read_override(override, pack, month) if override is not None else None
    values = pack.values | (theirs.values if theirs else {})
    digest = hashlib.sha256(pack.raw)
    if override is not None:
        digest.update(override.read_bytes())
    return Policy(
        pack=pack,
        source=theirs.source if theirs else pack.source,
        sha256=digest.hexdigest(),
        figures={k: float(v) for k, v in values.items() if not isinstance(v, list)},
        lists={k: v for k, v in values.items() if isinstance(v, list)},
        about=pack.about,
        overridden=tuple(k for k in values if values[k] != pack.values[k]),
        override=theirs,
    )


def pack_for(month: str, override: Path | None = None) -> Policy:
    """The figures of the pack whose months hold `month` (YYYY-MM), with those of `override` in their place.

    Raises BadInput when no pack covers the month, or the override cannot be read, names an unknown figure or gives a
    value of another kind.
    """
    packs = every_pack()
    chosen = next((p for p in packs if p.valid_from <= month <= p.valid_to), None)
    if chosen is None:
        raise BadInput(
            f"no policy pack covers month {month} (there is: {packs[0].valid_from} to {packs[-1].valid_to})",
            remedy="choose a month that is covered, or add a pack under pipeline/policy/",
        )
    return policy_of(chosen, override, month=month)

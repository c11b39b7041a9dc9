"""Loading a policy pack and a bureau's override of it."""

from __future__ import annotations

import difflib
import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import BadInput

SECTIONS = ("standard", "income_line", "asset_months", "care_pay", "limits", "review_months", "lists", "draw")
_HEAD = ("name", "from", "valid_from", "valid_to", "about")


@dataclass(frozen=True)
class Policy:
    """The figures of one month. `figures` and `lists` are keyed 'section.name'; `sha256` is over pack and override."""

    name: str
    source: str
    sha256: str
    figures: dict[str, float]
    lists: dict[str, list[Any]]
    about: dict[str, dict[str, Any]]
    overridden: tuple[str, ...]

    @property
    def review_months(self) -> dict[str, int]:
        """Category of dibao → months between two reviews."""
        return {k.split(".")[1]: int(v) for k, v in self.figures.items() if k.startswith("review_months.")}

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


def _flatten(data: dict[str, Any], path: Path) -> dict[str, Any]:
    out = {}
    for section, values in data.items():
        if section in _HEAD:
            continue
        if section not in SECTIONS or not isinstance(values, dict):
            near = difflib.get_close_matches(section, SECTIONS, n=1)
            hint = f"did you mean [{near[0]}]?" if near else f"the sections are {', '.join(SECTIONS)}"
            raise BadInput(f"unknown policy name '{section}'", file=path.name, remedy=hint)
        out.update({f"{section}.{name}": value for name, value in values.items()})
    return out


def _read(path: Path) -> tuple[dict[str, Any], bytes]:
    try:
        raw = path.read_bytes()
        return tomllib.loads(raw.decode("utf-8-sig")), raw
    except OSError as e:
        raise BadInput(
            "the policy file cannot be read", file=path.name, remedy="give the path of a readable file"
        ) from e
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise BadInput(f"not a TOML policy file: {e}", file=path.name, remedy="correct the line named") from e


def _checked(key: str, value: Any, old: Any, path: Path) -> Any:
    """The override's value, if it is of the figure's kind."""
    if isinstance(old, list):
        pairs = bool(old) and isinstance(old[0], list)
        good = isinstance(value, list) and all(
            (isinstance(v, list) and len(v) == 2 and all(isinstance(x, str) for x in v))
            if pairs
            else isinstance(v, str)
            for v in value
        )
        kind = "a list of pairs of texts" if pairs else "a list of texts"
    else:
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
        kind = "a number, zero or more"
    if not good:
        raise BadInput(f"policy figure '{key}' must be {kind}", file=path.name, remedy="correct the value")
    return value


def pack_for(month: str, override: Path | None = None) -> Policy:
    """The pack whose months hold `month` (YYYY-MM), with single figures replaced by those of `override`.

    Raises BadInput when no pack covers the month, or the override cannot be read, names an unknown figure or gives a
    value of another kind.
    """
    packs = [(p, *_read(p)) for p in sorted(Path(__file__).parent.glob("*.toml"))]
    chosen = next((p for p in packs if p[1]["valid_from"] <= month <= p[1]["valid_to"]), None)
    if chosen is None:
        spans = "; ".join(f"{d['valid_from']} to {d['valid_to']}" for _, d, _ in packs)
        raise BadInput(
            f"no policy pack covers month {month} (there is: {spans})",
            remedy="choose a month that is covered, or add a pack under pipeline/policy/",
        )
    path, data, raw = chosen
    values = _flatten(data, path)
    digest = hashlib.sha256(raw)
    source, changed = str(data["from"]), []
    if override is not None:
        theirs, raw = _read(override)
        digest.update(raw)
        source = str(theirs.get("from", override.name))
        for key, value in _flatten(theirs, override).items():
            if key not in values:
                near = difflib.get_close_matches(key, values, n=1)
                hint = f"did you mean '{near[0]}'?" if near else "see the pack for the names there are"
                raise BadInput(f"unknown policy figure '{key}'", file=override.name, remedy=hint)
            value = _checked(key, value, values[key], override)
            if value != values[key]:
                values[key] = value
                changed.append(key)
    return Policy(
        name=str(data["name"]),
        source=source,
        sha256=digest.hexdigest(),
        figures={k: float(v) for k, v in values.items() if not isinstance(v, list)},
        lists={k: v for k, v in values.items() if isinstance(v, list)},
        about={k: data["about"][k] for k in values},
        overridden=tuple(changed),
    )

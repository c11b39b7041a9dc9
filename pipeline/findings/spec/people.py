"""Made-up ID numbers for specs: `number("@3")` and the ways in which numbers go wrong.

    @3              a valid number of person 3; odd persons are men, even ones women
    @3:1950-02-01   the same person under another birth date; @3:1950-02-01女 and @3:女 set the sex
    ~ after it      one digit of the sequence changed (the check character no longer fits)
    ~~              two digits changed
    <>              two unlike neighbours swapped
    -1  +1          one digit of the sequence lost, one doubled
    -a  +a          one digit of the area lost, one doubled
    -15             the 15-digit form
    *               the middle eight characters masked
    **              the last four characters masked

The check character is worked out here from GB 11643, not by the library that the project uses.
"""

from __future__ import annotations

import datetime
import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_TOKEN = re.compile(r"^@(\d+)(?::(\d{4}-\d\d-\d\d)?([男女])?)?(~~|~|<>|-15|-1|\+1|-a|\+a|\*\*|\*)?$")
_FIRST_BIRTH = datetime.date(1950, 1, 10)


def check_character(body: str) -> str:
    """The check character of 17 digits (GB 11643)."""
    return _CHECK[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]


def valid(area: str, birth: str, sequence: int) -> str:
    """An 18-character number from its parts: 6 digits, YYYYMMDD, 0-999 (odd = male)."""
    body = f"{area}{birth}{sequence:03d}"
    return body + check_character(body)


def number(token: str) -> str:
    """The ID number that a token stands for (see the module)."""
    found = _TOKEN.match(token)
    if not found:
        raise ValueError(f"not an ID token: {token!r}")
    person = int(found[1])
    birth = found[2] or (_FIRST_BIRTH + datetime.timedelta(days=137 * person)).isoformat()
    male = found[3] == "男" if found[3] else person % 2 == 1
    whole = valid("440281", birth.replace("-", ""), 100 + 2 * person + (1 if male else 0))
    return spoiled(whole, found[4] or "")


def spoiled(whole: str, how: str) -> str:
    """A valid number with one thing done to it."""
    match how:
        case "~":
            return whole[:15] + _other(whole[15]) + whole[16:]
        case "~~":
            return whole[:14] + _other(whole[14]) + _other(whole[15]) + whole[16:]
        case "<>":
            at = next(i for i in range(14, 16) if whole[i] != whole[i + 1])
            return whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :]
        case "-1":
            return whole[:15] + whole[16:]
        case "+1":
            return whole[:15] + whole[14:]
        case "-a":
            return whole[:2] + whole[3:]
        case "+a":
            return whole[:3] + whole[2:]
        case "-15":
            if whole[6:8] != "19":
                raise ValueError("a 15-digit number needs a birth year of the 1900s")
            return whole[:6] + whole[8:17]
        case "**":
            return whole[:14] + "*" * 4
        case "*":
            return whole[:6] + "*" * 8 + whole[14:]
    return whole


def _other(digit: str) -> str:
    return str((int(digit) + 4) % 10)

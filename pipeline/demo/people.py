"""The county's people and register households: who lives with whom, their names, numbers and addresses.

Vectorised: a person is a row of each array, in the order of the register households (`home`), pid = position.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from pipeline.contract import COUNTY, TOWNS
from pipeline.demo import id_numbers, names

Strings = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

# Roles in a register household: head, spouse, child under 25, adult child, that child's wife, grandchild, parents.
# An entry: share of households, roles, youngest and oldest age of the head.
_SHAPES: tuple[tuple[float, str, int, int], ...] = (
    (0.030, "H", 61, 92),
    (0.15, "H", 24, 59),
    (0.095, "HS", 25, 58),
    (0.085, "HS", 60, 86),
    (0.150, "HSC", 27, 47),
    (0.180, "HSCC", 29, 48),
    (0.050, "HSCCC", 31, 47),
    (0.050, "HSCM", 30, 46),
    (0.055, "HSCCM", 30, 46),
    (0.040, "HSCCFM", 30, 44),
    (0.035, "HC", 28, 46),
    (0.075, "HSA", 48, 74),
    (0.045, "HSADG", 50, 70),
    (0.015, "HSADGG", 51, 68),
    (0.010, "HG", 58, 76),
)
RELATIONS = {"H": "户主", "S": "配偶", "C": "子", "A": "子", "D": "儿媳", "G": "孙子女", "F": "父亲", "M": "母亲"}

_TOWN_WEIGHT = {
    "乐城": 24, "坪石": 14, "廊田": 9, "梅花": 7, "长来": 6, "北乡": 6, "黄圃": 5, "三溪": 4, "坪办": 4, "九峰": 4,
    "沙坪": 3, "梅办": 3, "两江": 3, "五山": 3, "秀水": 3, "云岩": 3, "大源": 2.5, "庆云": 2.5, "白石": 2,
}  # fmt: skip
_URBAN_SHARE = {"乐城": 0.6, "坪石": 0.35, "坪办": 0.5, "梅办": 0.4}
_OFFICES = {"坪办": "坪石办事处", "梅办": "梅田办事处", "乐城": "乐城街道"}
_PLACE = "上下新大石龙田水东西南坳塘岭坪桥坝和安白黄茶枫竹松梅溪洞坑冲排楼岗墩"


@dataclass(frozen=True)
class People:
    """Everybody on the register. `home` numbers the register households; members of one stand together, head first."""

    name: Strings
    surname: Strings
    given: Strings
    male: Flags
    birth: Days
    age: Ints  # full years at the end of the audit month
    id_number: Strings
    home: Ints
    role: Strings
    twin_of: Ints  # pid of the twin, -1 for none
    namesake_of: Ints  # pid of the parent of the same name at the same address, -1 for none
    phone: Strings
    phone_shared: Flags  # the head's
    # by home
    start: Ints
    size: Ints
    shape: Strings
    town: Strings
    village: Strings
    urban: Flags
    address: Strings

    def __len__(self) -> int:
        return len(self.name)

    def of_home(self, home: int) -> range:
        """The pids of a register household."""
        return range(int(self.start[home]), int(self.start[home] + self.size[home]))


def town_full(town: str) -> str:
    """A town as it signs itself: 长来镇, 乐城街道, 坪石办事处."""
    return _OFFICES.get(town, town + "镇")


def make_people(rng: np.random.Generator, n: int, as_of: date) -> People:
    """`n` people in register households; ages count to `as_of`."""
    shape_id, start, size, roles = _households(rng, n)
    homes, count = len(size), int(size.sum())
    home = np.repeat(np.arange(homes), size)
    letter = np.array(list("".join(roles)), dtype="U1")
    head = start[home]
    age = _ages(rng, letter, shape_id, home, head)
    birth = np.datetime64(as_of, "D") - (age * 365.2425 + rng.integers(0, 365, count)).astype("timedelta64[D]")
    # the offset above may cross a birthday: the age that counts is that of the birth date
    male = _sexes(rng, letter, home, head, start)
    position = np.arange(count) - head
    twin_of = _twins(rng, letter, birth, male, position)
    age = _full_years(birth, as_of)
    surname, given = _names(rng, letter, male, birth, home, head)
    _generation_names(rng, letter, male, given)
    namesake_of = _namesakes(rng, letter, male, age, given, head, surname)
    same = (twin_of >= 0) & (np.char.str_len(given) == 2) & (_last(given) != _last(given[twin_of]))
    given[same] = np.char.add(_first(given[twin_of[same]]), _last(given[same]))  # twins share a character
    name = np.char.add(surname, given).astype("U12")
    ethnic = np.repeat(rng.random(homes) < 0.012, size)
    name[ethnic] = names.draw_ethnic(rng, int(ethnic.sum()))
    namesake_of[name != name[namesake_of]] = -1
    town = rng.choice(np.array(list(TOWNS)), homes, p=_town_shares())
    village = _villages(rng, town)
    urban = rng.random(homes) < np.array([_URBAN_SHARE.get(t, 0.03) for t in town.tolist()])
    full = np.array([town_full(t) for t in town.tolist()])
    number = np.char.add((rng.integers(1, 240, homes)).astype("U4"), "号")
    address = np.char.add(np.char.add(np.char.add(str(COUNTY["county"]), full), village), number)
    phone = phones(rng, count)
    shared = ((age < 16) | (age >= 70)) & (position > 0) & (rng.random(count) < 0.5)
    phone[shared] = phone[head[shared]]
    return People(
        name=name, surname=surname, given=given, male=male, birth=birth, age=age,
        id_number=_numbers(rng, letter, birth, male), home=home, role=letter, twin_of=twin_of, namesake_of=namesake_of,
        phone=phone, phone_shared=shared, start=start, size=size, shape=np.array([s[1] for s in _SHAPES])[shape_id],
        town=town, village=village, urban=urban, address=address,
    )  # fmt: skip


def _households(rng: np.random.Generator, n: int) -> tuple[Ints, Ints, Ints, list[str]]:
    """Shapes drawn until `n` people are placed; the last household is cut to fit."""
    share = np.array([s[0] for s in _SHAPES])
    shape_id = rng.choice(len(_SHAPES), n, p=share / share.sum()).astype(np.int64)
    size = np.array([len(s[1]) for s in _SHAPES], dtype=np.int64)[shape_id]
    used = int(np.searchsorted(np.cumsum(size), n)) + 1
    shape_id, size = shape_id[:used], size[:used].copy()
    size[-1] -= int(size.sum()) - n
    roles = [_SHAPES[i][1][:k] for i, k in zip(shape_id.tolist(), size.tolist(), strict=True)]
    return shape_id, np.concatenate([[0], np.cumsum(size)[:-1]]).astype(np.int64), size, roles


def _ages(rng: np.random.Generator, letter: Strings, shape_id: Ints, home: Ints, head: Ints) -> Ints:
    low = np.array([s[2] for s in _SHAPES])[shape_id]
    high = np.array([s[3] for s in _SHAPES])[shape_id]
    of_head = rng.integers(low, high + 1)[home]
    n = len(letter)
    age = of_head.copy()
    age = np.where(letter == "S", of_head - rng.integers(-2, 6, n), age)
    age = np.where(letter == "C", np.clip(of_head - rng.integers(23, 33, n), 0, 24), age)
    adult = np.clip(of_head - rng.integers(22, 28, n), 20, 50)
    age = np.where(np.isin(letter, ["A", "D"]), adult, age)
    age = np.where(letter == "G", np.clip(of_head - rng.integers(47, 56, n), 0, 17), age)
    return np.where(np.isin(letter, ["F", "M"]), of_head + rng.integers(21, 34, n), age).astype(np.int64)


def _sexes(rng: np.random.Generator, letter: Strings, home: Ints, head: Ints, start: Ints) -> Flags:
    male = rng.random(len(letter)) < 0.515
    couple = np.isin(np.arange(len(letter)), head[letter == "S"])
    male = np.where(couple, rng.random(len(letter)) < 0.86, male)
    male = np.where(letter == "S", ~male[head], male)
    male = np.where(np.isin(letter, ["A", "F"]), True, male)
    return np.asarray(np.where(np.isin(letter, ["D", "M"]), False, male))


def _twins(rng: np.random.Generator, letter: Strings, birth: Days, male: Flags, position: Ints) -> Ints:
    """Two second children in a hundred are born on the first's day, with its sex. Changes both arrays."""
    twin_of = np.full(len(letter), -1, dtype=np.int64)
    second = np.flatnonzero((letter[1:] == "C") & (letter[:-1] == "C") & (position[1:] == 3)) + 1
    second = second[rng.random(len(second)) < 0.02]
    twin_of[second] = second - 1
    birth[second], male[second] = birth[second - 1], male[second - 1]
    return twin_of


def _full_years(birth: Days, as_of: date) -> Ints:
    text = np.char.replace(np.datetime_as_string(birth, unit="D"), "-", "").astype(np.int64)
    return (int(as_of.strftime("%Y%m%d")) - text) // 10000


def _names(
    rng: np.random.Generator, letter: Strings, male: Flags, birth: Days, home: Ints, head: Ints
) -> tuple[Strings, Strings]:
    n = len(letter)
    own = names.draw_surnames(rng, n)
    spouse = np.flatnonzero(letter == "S")
    family = own[head].copy()  # children take the father's surname, be he head or spouse
    father = np.full(n, -1, dtype=np.int64)
    father[head[spouse]] = np.where(male[head[spouse]], head[spouse], spouse)
    of_head = father[head]
    family = np.where(of_head >= 0, own[of_head], family)
    surname = np.where(np.isin(letter, ["C", "A", "G"]), family, own)
    surname = np.where(letter == "F", own[head], surname)
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    return surname, names.draw_given(rng, male, year)


def _namesakes(
    rng: np.random.Generator, letter: Strings, male: Flags, age: Ints, given: Strings, head: Ints, surname: Strings
) -> Ints:
    """One adult son in fifty bears his father's name at the same address. Changes `given`."""
    out = np.full(len(letter), -1, dtype=np.int64)
    son = np.flatnonzero((letter == "A") & male[head] & (surname == surname[head]))
    son = son[rng.random(len(son)) < 0.02]
    given[son], out[son] = given[head[son]], head[son]
    return out


def _generation_names(rng: np.random.Generator, letter: Strings, male: Flags, given: Strings) -> None:
    """One child in three bears the first character of the elder sibling of its sex. Changes `given`."""
    long, last = np.char.str_len(given) == 2, _last(given)
    alike = (letter[1:] == "C") & (letter[:-1] == "C") & (male[1:] == male[:-1]) & long[1:] & long[:-1]
    alike &= last[1:] != last[:-1]
    younger = np.flatnonzero(alike) + 1
    younger = younger[rng.random(len(younger)) < 0.35]
    for child in younger.tolist():  # in order: a third child takes what the second has taken
        given[child] = given[child - 1][0] + last[child]


def _first(text: Strings) -> Strings:
    return text.astype("U1")


def _last(text: Strings) -> Strings:
    return np.array([t[-1] for t in text.tolist()], dtype="U1")


def _numbers(rng: np.random.Generator, letter: Strings, birth: Days, male: Flags) -> Strings:
    """Unique 18-digit numbers: people born on one day in one area get consecutive odd or even sequences."""
    n = len(birth)
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    area = np.where(year < 1994, id_numbers.FORMER_AREA, id_numbers.HOME_AREA).astype("U6")
    stranger = rng.random(n) < np.where(np.isin(letter, ["S", "D", "M"]), 0.16, 0.05)
    area[stranger] = rng.choice(np.array(id_numbers.OTHER_AREAS), int(stranger.sum()))
    permit = rng.random(n) < 0.0015
    area[permit] = rng.choice(np.array(id_numbers.PERMIT_AREAS), int(permit.sum()))
    area[rng.random(n) < 0.0001] = id_numbers.CARD_PREFIX
    key = np.char.add(np.char.add(area, birth.astype("datetime64[D]").astype("U10")), male.astype("U5"))
    order = np.argsort(key, kind="stable")
    ranked = key[order]
    fresh = np.concatenate([[True], ranked[1:] != ranked[:-1]])
    run = np.arange(n) - np.maximum.accumulate(np.where(fresh, np.arange(n), 0))
    position = np.empty(n, dtype=np.int64)
    position[order] = run
    spread = (birth.astype("datetime64[D]").astype(np.int64) * 37 + area.astype(np.int64) * 11) % 480
    sequence = 2 * ((spread + position) % 499) + np.where(male, 1, 2)
    return id_numbers.build(area, birth, sequence)


def _town_shares() -> npt.NDArray[np.float64]:
    weight = np.array([_TOWN_WEIGHT.get(t, 3.0) for t in TOWNS])
    return np.asarray(weight / weight.sum())


def _villages(rng: np.random.Generator, town: Strings) -> Strings:
    """A village for each household: 6 to 14 made-up ones a town, the first ones larger."""
    out = np.empty(len(town), dtype="U8")
    for name in TOWNS:
        mine = np.flatnonzero(town == name)
        k = int(rng.integers(6, 15))
        pairs = rng.choice(np.array(list(_PLACE)), (k, 2))
        ending = np.where(rng.random(k) < (0.4 if name in _URBAN_SHARE else 0.05), "社区", "村")
        options = np.char.add(np.char.add(pairs[:, 0], pairs[:, 1]), ending)
        weight = 1.0 / (np.arange(k) + 2.0)
        out[mine] = rng.choice(options, len(mine), p=weight / weight.sum())
    return out


def phones(rng: np.random.Generator, n: int) -> Strings:
    """`n` mobile numbers."""
    if not n:
        return np.empty(0, dtype="U11")
    prefix = rng.choice(
        np.array(["134", "135", "136", "137", "138", "139", "150", "151", "158", "159", "188", "187"]), n
    )
    return np.char.add(prefix, np.char.zfill(rng.integers(0, 10**8, n).astype("U8"), 8))

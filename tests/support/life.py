"""Six months of a small county in which findings appear, stay, are ruled on, go, come back and move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from support.people import number

MONTHS = ("2022-05", "2022-06", "2022-07", "2022-08", "2022-09", "2022-10")
_BASE = ("长来", "廊田", "坪石")


@dataclass(frozen=True)
class Home:
    """A household of one, on the roster of dibao."""

    no: str
    person: int
    town: str
    stop_month: str = ""

    @property
    def name(self) -> str:
        return "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"[self.person - 1] + "建" + "国民华强军平明生"[self.person % 8]

    @property
    def id_number(self) -> str:
        return number(f"@{self.person}")


@dataclass
class Month:
    """What comes in: homes by key, plates (key → plate, date registered), homes owned, deaths; a policy, if any."""

    homes: dict[str, Home]
    cars: list[tuple[str, str, str]]
    houses: list[tuple[str, str]] | None
    deaths: list[tuple[str, str]]
    policy: str = ""
    absent_towns: set[str] = field(default_factory=set)


def month_of(n: int) -> Month:
    """The n-th of `MONTHS`, counted from 1."""
    homes = {
        key: Home(f"DB{i:03d}", i, town)
        for i, (key, town) in enumerate(
            [("stays", "长来"), ("evidence", "长来"), ("expires", "廊田"), ("sold", "廊田"), ("homes", "长来"),
             ("moves", "长来"), ("renumbered", "廊田"), ("renumbered_open", "廊田"), ("late_death", "长来"),
             ("leaves", "廊田"), ("town_silent", "坪石"), ("second_car", "长来"), ("nobody1", "坪石"),
             ("nobody2", "坪石"), ("nobody3", "坪石")], 1,
        )
    }  # fmt: skip
    cars = [
        (key, f"粤F{i:05d}", "2021-03-01")
        for i, key in enumerate(
            ["stays", "evidence", "expires", "moves", "renumbered", "renumbered_open", "leaves", "town_silent",
             "second_car"], 1,
        )
    ]  # fmt: skip
    if n in (1, 2, 5, 6):
        cars.append(("sold", "粤F00020", "2020-01-01"))
    if n >= 4:
        cars = [(k, plate, "2022-07-09" if k == "evidence" else day) for k, plate, day in cars]
        cars.append(("second_car", "粤F00030", "2022-07-20"))
        homes["renumbered"] = replace(homes["renumbered"], no="DB707")
        homes["renumbered_open"] = replace(homes["renumbered_open"], no="DB708")
    if n >= 3:
        homes["moves"] = replace(homes["moves"], town="廊田")
    if n in (3, 4):
        homes["leaves"] = replace(homes["leaves"], stop_month="2022-07")
    return Month(
        homes,
        cars,
        None if n == 3 else [("homes", "乐房001"), ("homes", "乐房002"), ("stays", "乐房003")],
        [("late_death", "2022-05-10")] if n >= 5 else [],
        "[limits]\nhomes = 2\n" if n == 5 else "",
        {"坪石"} if n == 4 else set(),
    )


def write(month: Month, folder: Path) -> Path:
    """The month's files in `folder`; its policy beside them as `policy.toml`, where it has one."""
    folder.mkdir(parents=True)
    for town in _BASE:
        if town in month.absent_towns:
            continue
        rows = [
            f"{h.no},{h.name},{h.id_number},{town}镇,户主,{h.stop_month}"
            for h in month.homes.values()
            if h.town == town
        ]
        text = "\n".join(["家庭编号,姓名,身份证号,镇街,与户主关系,停保月份", *rows])
        (folder / f"低保_{town}.csv").write_text(text + "\n", encoding="utf-8")
    who = {key: f"{h.name},{h.id_number}" for key, h in month.homes.items()}
    stranger = f"卫某人,{number('@300')}"
    _table(folder, "车辆", "姓名,身份证号,号牌,登记日期", [f"{who[k]},{p},{d}" for k, p, d in month.cars], stranger)
    _table(
        folder, "死亡", "姓名,身份证号,死亡日期", [f"{who[k]},{d}" for k, d in month.deaths], f"{stranger},2020-01-01"
    )
    if month.houses is not None:
        rows = [f"{who[k]},{c},住宅" for k, c in month.houses]
        _table(folder, "不动产", "姓名,身份证号,产权证号,用途", rows, f"{stranger},乐房900,住宅")
    if month.policy:
        (folder.parent / "policy.toml").write_text(month.policy, encoding="utf-8")
    return folder


def _table(folder: Path, name: str, heading: str, rows: list[str], last: str) -> None:
    (folder / f"{name}.csv").write_text("\n".join([heading, *rows, last]) + "\n", encoding="utf-8")

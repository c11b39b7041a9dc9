"""The truth about pairs: who is taken for whom, and which pairs carry enough to be linked by anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline.demo import make_county
from pipeline.demo.county import build_world
from pipeline.demo.model import County
from pipeline.demo.months import AuditMonth
from pipeline.demo.people import People, make_people
from pipeline.demo.sheets import WRITTEN
from pipeline.demo.truth.enough import enough, number_fits
from pipeline.demo.truth.ladder import true_keys, written_keys

pytestmark = pytest.mark.xdist_group("demo")
TRUE = "440281196501011231"


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("links") / "county"
    make_county(out, people=3000, seed=5)
    return out / "truth"


@pytest.fixture(scope="module")
def world() -> County:
    return build_world(3000, 5, AuditMonth("2022-10"))


def test_traps_are_pairs_of_two_people_of_every_kind(truth: Path, world: County) -> None:
    p = world.people
    pid = dict(pl.read_parquet(truth / "persons.parquet").select("record_id", "pid").iter_rows())
    traps = pl.read_parquet(truth / "traps.parquet")
    assert set(traps["trap"]) == {
        "twin", "twin_by_ear", "namesake", "sibling", "homonym_other_town", "homonym_same_town", "others_number",
    }  # fmt: skip
    for a, b, trap in traps.select("roster_record_id", "record_id", "trap").iter_rows():
        x, y = pid[a], pid[b]
        assert x != y
        same_home, same_birth, same_name = p.home[x] == p.home[y], p.birth[x] == p.birth[y], p.name[x] == p.name[y]
        match trap:
            case "twin" | "twin_by_ear":
                assert same_home and same_birth and not same_name and p.male[x] == p.male[y]
            case "namesake":
                assert same_home and same_name and not same_birth
            case "sibling":
                assert same_home and sum(i != j for i, j in zip(p.name[x], p.name[y], strict=True)) == 1
            case "homonym_other_town" | "homonym_same_town":
                same_town = p.town[p.home[x]] == p.town[p.home[y]]
                assert same_name and same_birth and not same_home and same_town == (trap == "homonym_same_town")
                assert p.id_number[x] != p.id_number[y]
    pairs = traps.select(pl.concat_list("roster_record_id", "record_id").list.sort()).to_series()
    assert pairs.is_unique().all()
    linked = pl.read_parquet(truth / "links.parquet").select("roster_record_id", "record_id")
    assert traps.join(linked, on=["roster_record_id", "record_id"], how="semi").is_empty()


def test_the_number_of_another_is_a_trap_beside_its_owner(truth: Path) -> None:
    persons = pl.read_parquet(truth / "persons.parquet")
    owner = dict(persons.filter(pl.col("number_pid").is_not_null()).select("record_id", "number_pid").iter_rows())
    assert owner
    pid = dict(persons.select("record_id", "pid").iter_rows())
    traps = pl.read_parquet(truth / "traps.parquet").filter(pl.col("trap") == "others_number")
    assert all(owner[b] == pid[a] for a, b in traps.select("roster_record_id", "record_id").iter_rows())


def test_only_one_of_two_homonyms_in_a_town_is_insured_and_without_a_number(truth: Path, world: County) -> None:
    persons = pl.read_parquet(truth / "persons.parquet")
    pairs = [(a, b) for a, b, kind in world.likenesses if kind == "homonym_same_town"]
    assert pairs
    for enrolled, other in pairs:
        insured = persons.filter(pl.col("dataset") == "employment")
        assert insured.filter(pl.col("pid") == enrolled).is_empty()
        assert "missing" in insured.filter(pl.col("pid") == other)["error"].to_list()


def test_pairs_with_enough_are_most_and_clean_ones_all(truth: Path) -> None:
    links = pl.read_parquet(truth / "links.parquet")
    assert links.filter(pl.col("hard") == "exact_id")["enough"].all()
    hard = links.filter(pl.col("hard") != "exact_id")
    assert 0.6 < float(hard["enough"].mean()) < 1.0  # type: ignore[arg-type]
    error = pl.read_parquet(truth / "persons.parquet").select("record_id", "error")
    earlier = hard.join(error, on="record_id").filter(pl.col("error").str.contains("renumbered"))
    assert earlier.height and not earlier["enough"].any() and set(earlier["hard"]) == {"no_id"}


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        (TRUE, True),
        ("440281196501011232", True),  # one digit
        ("440281196501011321", True),  # two neighbours
        ("440281196501012131", True),
        ("440281196501013211", False),  # two digits, not neighbours
        ("44028119650101123", True),  # the last one lost
        ("40281196501011231", True),
        ("4440281196501011231", True),  # one doubled
        ("4402811965010112231", True),
        ("44028196501011", False),  # four lost
        ("440281650101123", True),  # the old form
        ("440281650101124", False),
        ("440281********1231", True),
        ("440281********1241", False),
        ("44028119650101****", True),
        (" ４40281 19650101 1231", True),
        ("无", False),
        (None, False),
    ],
)
def test_what_is_left_of_a_number(written: str | None, fits: bool) -> None:
    assert number_fits(pl.Series([written], dtype=pl.String), pl.Series([TRUE])).tolist() == [fits]


@pytest.mark.parametrize(
    ("written", "true", "reads"),
    [
        ("陈志明", "陈志明", True),
        ("陳誌明", "陈志明", True),
        ("陈子明", "陈志明", True),  # Cantonese zi
        ("王梅", "黄梅", True),  # Cantonese wong
        ("区丽", "欧丽", True),
        ("黄海", "黄梅", True),  # 每
        ("黄？", "黄梅", True),
        ("黄□", "黄国梅", False),
        ("黄国", "黄国梅", True),
        ("黄国国梅", "黄国梅", True),
        ("黄", "黄国梅", False),
        ("黄国强", "黄国梅", False),
        ("买买提.依明", "买买提·依明", True),
        ("李　梅", "李梅", True),
    ],
)
def test_what_a_written_name_can_stand_for(written: str, true: str, reads: bool) -> None:
    shared = written_keys(pl.Series([written])).join(true_keys(pl.Series([true])), on=["kind", "key"])
    assert (shared.height > 0) == reads


def people(*rows: tuple[str, str, date, str]) -> People:
    """Grown-up men: name, number, birth date, town; each in a home of his own at one address a town."""
    made = make_people(np.random.default_rng(1), 40, date(2022, 10, 31))
    n, towns = len(rows), [r[3] for r in rows]
    home = np.arange(n)
    return replace(
        made,
        name=np.array([r[0] for r in rows]), id_number=np.array([r[1] for r in rows]), male=np.ones(n, dtype=bool),
        birth=np.array([r[2] for r in rows], dtype="datetime64[D]"), home=home, town=np.array(towns),
        village=np.array([t + "村" for t in towns]), address=np.array([t + "村1号" for t in towns]),
        phone=np.array([f"1340000000{i}" for i in range(n)]),
    )  # fmt: skip


BORN, OTHER = date(1965, 1, 1), date(1970, 5, 5)
COUNTY = (
    ("李国强", TRUE, BORN, "坪石"),
    ("李国强", "440281197005051236", OTHER, "坪石"),
    ("李过强", "440281196501012347", BORN, "梅花"),
    ("黄梅", "440281198001011234", OTHER, "梅花"),
)


def carries_enough(error: str = "missing", other: dict[str, object] | None = None, **shown: object) -> bool:
    """Whether a record of the first person showing this beside a clean roster row of his carries enough."""
    blank: dict[str, object] = dict.fromkeys(WRITTEN)
    hard = blank | {"record_id": "h", "pid": 0, "noise": "no_id", "error": error, "name": "李国强"} | shown
    clean = blank | {"record_id": "r", "pid": 0, "noise": "exact", "error": "none", "name": "李国强"} | (other or {})
    rival = blank | {"record_id": "x", "pid": 1, "noise": "exact", "error": "none", "bank_account": "1"}
    schema = dict.fromkeys(WRITTEN, pl.String) | {"birth_date": pl.Date}
    frame = pl.DataFrame([clean, hard, rival], schema_overrides=schema)
    pairs = pl.DataFrame({"roster_record_id": ["r"], "record_id": ["h"], "pid": [0]})
    return bool(enough(people(*COUNTY), pairs, frame)["enough"].item())


def test_a_name_alone_is_not_enough() -> None:
    assert not carries_enough()
    assert not carries_enough(name="李国", sex="男")
    # not even where nobody else bears it
    assert not carries_enough(name="黄国强", birth_date=BORN)  # and it must be able to stand for the true one


def test_a_birth_date_is_enough_where_it_singles_out() -> None:
    assert not carries_enough(birth_date=BORN)  # the homophone in another town was born that day
    assert carries_enough(birth_date=BORN, town="坪石")
    assert not carries_enough(town="坪石")  # the namesake lives there
    assert not carries_enough(birth_date=OTHER, town="坪石")  # a wrong birth date says nothing for him
    assert carries_enough(birth_date=OTHER, id_number="440281********1231")


def test_what_is_left_of_the_number_is_enough() -> None:
    assert carries_enough(id_number="440281196501011321")
    assert carries_enough(id_number="44028119650101123")
    assert not carries_enough(error="others_number", id_number="440281197005051236")  # the namesake's
    assert not carries_enough(error="renumbered", id_number="440281196501011258", birth_date=BORN, town="坪石")


def test_shared_things_count_where_the_other_record_shows_them() -> None:
    assert carries_enough(phone="13400000000", other={"phone": "13400000000"})
    assert not carries_enough(phone="13400000000")
    assert carries_enough(household_no="TK1", other={"household_no": "TK1"})
    assert carries_enough(bank_account="2", other={"bank_account": "2"})
    assert not carries_enough(bank_account="1", other={"bank_account": "1"})  # the namesake draws on it too

"""The clean form of a demonstration county: the same people, cases and findings, and no trouble but a rule's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.contract import ROSTERS
from pipeline.demo import make_county
from pipeline.demo.county import build_world
from pipeline.demo.months import AuditMonth
from pipeline.errors import BadInput

pytestmark = pytest.mark.xdist_group("demo")
PEOPLE, SEED, MONTH = 3000, 5, "2023-03"


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The messy form and, made by the command, the clean one."""
    folder = tmp_path_factory.mktemp("forms")
    make_county(folder / "messy", people=PEOPLE, seed=SEED, month=MONTH)
    arguments = ["demo", "--people", str(PEOPLE), "--seed", str(SEED), "--month", MONTH, "--clean"]
    done = CliRunner().invoke(cli, [*arguments, "--out", str(folder / "clean")])
    assert done.exit_code == 0, done.output
    return folder / "messy", folder / "clean"


def both(forms: tuple[Path, Path], name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    messy, clean = (pl.read_parquet(form / "truth" / f"{name}.parquet") for form in forms)
    return messy, clean


def test_the_people_and_the_planted_cases_are_the_same(forms: tuple[Path, Path]) -> None:
    messy, clean = both(forms, "planted")
    assert clean.height >= 38 * 5 and clean.equals(messy)
    month = AuditMonth(MONTH)
    worlds = [build_world(PEOPLE, SEED, month, clean=clean).people for clean in (False, True)]
    for field in ("name", "id_number", "birth", "town", "address"):
        assert np.array_equal(getattr(worlds[0], field), getattr(worlds[1], field)), field


def test_what_is_true_of_them_is_the_same(forms: tuple[Path, Path]) -> None:
    key = ["rule_id", "subject", "scheme", "household_no", "severity", "screened"]
    messy, clean = (t.filter("holds").select(key).sort(key) for t in both(forms, "findings"))
    assert clean["rule_id"].n_unique() == 38
    # on the messy form's households with gaps, and of those whom they enrolled
    of_gaps = messy.join(clean, on=key, how="anti", nulls_equal=True)
    gone = clean.join(messy, on=key, how="anti", nulls_equal=True)
    assert not set(of_gaps["household_no"].drop_nulls()) & set(clean["household_no"].drop_nulls())
    assert gone.height < 10 and gone["household_no"].is_null().all()  # leads, of no roster's household
    assert set(both(forms, "findings")[1].filter("holds")["link_hardness"]) <= {"exact_id", "repaired"}


def test_records_bear_no_trouble_but_that_of_a_rules_case(forms: tuple[Path, Path]) -> None:
    messy, clean = both(forms, "persons")
    keys = ["dataset", "pid"]  # the rows stand elsewhere, where a row without identity is left out before them
    assert clean.join(messy, on=keys, how="anti").is_empty()
    of_gaps = messy.join(clean, on=keys, how="anti")  # the messy form's households with gaps
    assert set(of_gaps["dataset"]) <= {*ROSTERS, "patrol", "care_assessment"}
    assert messy.filter(~pl.col("error").is_in(["none", "phone_family"])).height > 100
    troubled = clean.filter(~pl.col("error").is_in(["none", "phone_family"]))
    near = both(forms, "planted")[1].filter(pl.col("variant") == "enrolled, the roster holds the old 15-digit number")
    assert set(troubled["error"]) == {"old_form"} and set(troubled["dataset"]) == {"dibao"}
    assert set(troubled["pid"]) <= set(near["pid"])
    assert not clean["broken"].any() and clean["number_pid"].is_null().all()


def test_every_row_and_cell_can_be_read(forms: tuple[Path, Path]) -> None:
    messy, clean = both(forms, "rejects")
    assert messy.height and clean.is_empty()
    messy, clean = both(forms, "files")
    of_gaps = pl.col("dataset").is_in([*ROSTERS, "archive", "patrol", "care_assessment", "payment"])
    messy, clean = messy.filter(~of_gaps), clean.filter(~of_gaps)
    assert clean.select("file", "sheet", "dataset", "kept").equals(messy.select("file", "sheet", "dataset", "kept"))
    assert messy["rejected"].sum() and not clean["rejected"].sum()


def test_the_folder_says_which_form_it_holds(forms: tuple[Path, Path]) -> None:
    messy, clean = ((form / "README.txt").read_text(encoding="utf-8") for form in forms)
    assert "有错漏" in messy and "均无误" in clean and "有错漏" not in clean
    assert json.loads((forms[1] / "demo.json").read_text(encoding="utf-8"))["clean"] is True
    with pytest.raises(BadInput, match="other arguments"):
        make_county(forms[1], people=PEOPLE, seed=SEED, month=MONTH)

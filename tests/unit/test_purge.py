"""Old months' data go, counts and states stay; nothing of what was removed can be read in the ledger's file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import cli
from pipeline.errors import BadInput
from pipeline.ledger.access import listed
from pipeline.ledger.purge import purge
from pipeline.ledger.store import opened
from pipeline.ledger.verify import verify

OLD, BOTH, NEW = "张旧名440281199003071239", "李两月440281199003071247", "王新来440281199003071255"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two months; the first has a person of its own, and one that the second has too."""
    with opened(tmp_path / "ledger.duckdb") as con:
        for no, (month, said) in enumerate({"2020-01": (1, 2), "2022-01": (2, 3)}.items(), 1):
            con.execute(
                "INSERT INTO run (run_no, month, standing, findings, folder) VALUES (?, ?, true, 2, '.')",
                [no, month],
            )
            for detail in said:
                con.execute(
                    "INSERT INTO finding (run_no, month, fingerprint, rule_id, town, status, detail) "
                    "VALUES (?, ?, ?, 'vehicle_owned', '长来', 'new', ?)",
                    [no, month, f"f{detail}", detail],
                )
            con.execute("INSERT INTO roster_row (run_no, scheme, town) VALUES (?, 'dibao', '长来')", [no])
            con.execute("INSERT INTO link_asked VALUES (?, 's', ?, 'b')", [no, OLD if no == 1 else NEW])
            folder = tmp_path / month
            (folder / "towns").mkdir(parents=True)
            for name in ("manifest.json", "run.json", "not_run.csv", "findings.parquet", "towns/长来.xlsx"):
                (folder / name).write_text("{}")
        for no, name in enumerate((OLD, BOTH, NEW), 1):
            con.execute(
                "INSERT INTO detail (no, content, evidence_values, name, summary, records) "
                "VALUES (?, uuid(), md5('v')::UUID, ?, 'has a car', '[]')",
                [no, name],
            )
    return tmp_path


def bytes_of(out: Path) -> bytes:
    return (out / "ledger.duckdb").read_bytes()


def test_what_is_past_its_time_goes(out: Path) -> None:
    assert OLD.encode() in bytes_of(out)
    gone = purge(out / "ledger.duckdb", out, "2021-01", keep_from="2024-11")
    assert (gone.runs, gone.files, gone.rows) == (1, 2, 3)
    assert sorted(p.name for p in (out / "2020-01").rglob("*")) == ["manifest.json", "not_run.csv", "run.json"]
    assert (out / "2022-01" / "towns" / "长来.xlsx").exists()
    assert OLD.encode() not in bytes_of(out)
    with opened(out / "ledger.duckdb") as con:
        assert con.execute("SELECT name FROM detail ORDER BY no").fetchall() == [(None,), (BOTH,), (NEW,)]
        assert con.execute("SELECT count(*), count(evidence_values) FROM detail").fetchall() == [(3, 3)]
        assert con.execute("SELECT run_no, count(*) FROM finding GROUP BY 1 ORDER BY 1").fetchall() == [(1, 2), (2, 2)]
        assert con.execute("SELECT DISTINCT run_no FROM roster_row").fetchall() == [(2,)]
        assert con.execute("SELECT DISTINCT run_no FROM link_asked").fetchall() == [(2,)]
        assert "purge" in listed(con)[-1] and "before 2021-01" in listed(con)[-1]
    assert any("run 1 of 2020-01: its data were removed" in line for line in verify(out / "ledger.duckdb")[1])
    assert purge(out / "ledger.duckdb", out, "2021-01", keep_from="2024-11").files == 0
    with opened(out / "ledger.duckdb") as con:
        assert len(listed(con)) == 1, "a purge that finds nothing notes nothing"


def test_a_purge_that_was_killed_is_ended_by_the_next(out: Path) -> None:
    purge(out / "ledger.duckdb", out, "2021-01", keep_from="2024-11")
    (out / "2020-01" / "towns").mkdir()
    (out / "2020-01" / "towns" / "长来.xlsx").write_text("still there")
    assert purge(out / "ledger.duckdb", out, "2021-01", keep_from="2024-11").files == 1
    assert not (out / "2020-01" / "towns").exists()


def test_the_copy_that_a_migration_left_goes_too(out: Path) -> None:
    """It holds all months, those too that are past their time."""
    copies = [out / "ledger.duckdb.form5", out / "ledger.duckdb.form6.age"]
    for copy in copies:
        copy.write_bytes(bytes_of(out))
    gone = purge(out / "ledger.duckdb", out, "2019-01", keep_from="2024-11")
    assert gone.files == 0 and all(c.exists() for c in copies), "no month goes, nor its copy"
    gone = purge(out / "ledger.duckdb", out, "2021-01", keep_from="2024-11")
    assert gone.files == 4 and not any(c.exists() for c in copies)


def test_a_dry_run_changes_nothing(out: Path) -> None:
    before = bytes_of(out)
    assert purge(out / "ledger.duckdb", out, "2021-01", keep_from="2024-11", dry=True).files == 2
    assert (out / "2020-01" / "findings.parquet").exists() and bytes_of(out) == before


def test_what_the_policy_keeps_is_kept(out: Path) -> None:
    with pytest.raises(BadInput, match=r"keeps 2021-06 and later \(limits\.kept_months\)"):
        purge(out / "ledger.duckdb", out, "2021-07", keep_from="2021-06")
    ended = CliRunner().invoke(cli, ["purge", "--before", "2099-01", "--out", str(out)])
    assert isinstance(ended.exception, BadInput) and "limits.kept_months" in str(ended.exception)
    ended = CliRunner().invoke(cli, ["purge", "--out", str(out), "--dry-run"])
    assert "would be removed: of 2 runs" in ended.output, ended.exception

"""Tables as they come, and the tables and specifications that are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from link_tables_sample import SMALL, small

from pipeline.errors import BadInput
from pipeline.linkage.tables import link_tables
from pipeline.linkage.tables.read import read_table
from pipeline.linkage.tables.spec import InputSpec


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes("编号\t姓名\r\n1\t 张伟 \r\n2\t\r\n\r\n".encode(encoding))
    frame = read_table(path, InputSpec(renames={"姓名": "name"}))
    assert frame.rows() == [("1", "张伟", 2), ("2", None, 3)]


def test_parquet_numbers_are_text_as_people_write_it(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"id": [1, 2], "phone": [13800001111.0, None], "day": [None, None]}, schema_overrides={"day": pl.Date}
    )
    frame.write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet", InputSpec())["phone"].to_list() == ["13800001111", None]


@pytest.mark.parametrize(
    ("text", "how", "says"),
    [
        ("a,b\n1,2,3\n", InputSpec(), "row 2: column 3 has cells but no heading"),
        ("a,a\n1,2\n", InputSpec(), "two columns have this heading"),
        ("a,A\n1,2\n", InputSpec(), "two columns have one name"),
        ("a,b\n1,2\n", InputSpec(renames={"c": "d"}), "column c: 'renames' names a heading that is not there"),
        ("a,b\n1,2\n", InputSpec(renames={"a": "b"}), "column b: two columns have one name"),
        ("a,b\n1,2\n", InputSpec(renames={"a": "_row"}), "column _row: two columns have one name"),
        ("a,_row\n1,2\n", InputSpec(), "column _row: two columns have this heading"),
        ("a,b\n", InputSpec(header_row=5), "no row of headings"),
        ("", InputSpec(), "the file is empty"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, text: str, how: InputSpec, says: str) -> None:
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_table(tmp_path / "t.csv", how)
    assert says in str(error.value)
    assert "t.csv" in str(error.value)


def test_a_parquet_file_with_a_column_that_is_ours(tmp_path: Path) -> None:
    pl.DataFrame({"_row": ["7"], "name": ["Ann"]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(BadInput, match=r"t\.parquet, column _row: a heading begins with '_'"):
        read_table(tmp_path / "t.parquet", InputSpec())


def changed(old: str, new: str) -> Callable[[str], str]:
    assert old in SMALL, old
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed("[[field]]", "[[feild]]"), "unknown key 'feild' — did you mean 'field'?"),
        (changed('kind = "exact"', 'kind = "exakt"'), "unknown kind 'exakt' — did you mean 'exact'?"),
        (changed('kind = "exact"', 'kind = "exact"\nthreshold = 3'), "unknown key 'threshold'"),
        (
            changed('kind = "exact"', 'kind = "jaro_winkler"\nthresholds = [0.8, 0.9]'),
            "from the strictest to the loosest",
        ),
        (changed('kind = "exact"', 'kind = "jaro_winkler"\nthresholds = [1.5]'), "must lie below 1"),
        (changed('kind = "exact"', 'kind = "edit_distance"\nthresholds = [1.5]'), "must be whole numbers"),
        (changed('kind = "exact"', 'kind = "exact"\nstandardise = ["lowr"]'), "did you mean 'lower'?"),
        (changed('kind = "exact"', 'kind = "exact"\ncolumn = "nmae"'), "column nmae: field 'name' reads a column"),
        (changed('kind = "exact"', 'kind = "exact"\nsql = "nmae"'), "[[field]] 'name': not an expression"),
        (
            changed('kind = "exact"', 'kind = "levels"\nlevels = [["x", "l.nmae = r.name"]]'),
            "level 'x': not an expression",
        ),
        (changed('kind = "exact"', 'kind = "levels"\nlevels = ["x"]'), "must be pairs of a label and a condition"),
        (changed('kind = "exact"', ""), "'kind' is missing"),
        (changed('id = "phone"\nkind', 'id = "name"\nkind'), "two [[field]] have the id 'name'"),
        (changed('keys = ["birth"]', 'keys = ["brith"]'), "[[block]] 'birth': not an expression"),
        (changed('keys = ["birth"]', 'keys = ["birth; DROP TABLE x"]'), "are not allowed in an expression"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\nover = "split"'), "'split' go together"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\ncap = 0'), "'cap' must be a whole number from 1"),
        (changed('keys = ["birth"]', 'keys = ["CAST(name AS INTEGER)"]'), "an expression fails on some record"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[[train]]\nblock = "brith"'), "did you mean 'birth'?"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[[train]]\nkeys = ["town || id"]'), ""),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[[train]]\nkeys = ["town || nobody"]'), "[[train]]"),
        (
            changed('keys = ["birth"]', 'keys = ["birth"]\n[decide]\nlink = 0.2\nreview = 0.5'),
            "'review' is above 'link'",
        ),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[decide]\nlink = 2'), "'link' must be a number from 0 to 1"),
        (changed('keys = ["birth"]', 'keys = ["birth"]\n[model]\nfile = "no.json"'), "the model cannot be read"),
        (changed('id = "id"', 'id = "nr"'), "column nr: the id column is not there"),
        (changed('id = "id"', 'id = "town"'), "several records have one id"),
        (changed("[input]", "[input"), "it is not valid TOML"),
    ],
)
def test_wrong_specifications(tmp_path: Path, change: Callable[[str], str], says: str) -> None:
    left, right, spec = small(tmp_path, change(SMALL))
    before = sorted(tmp_path.iterdir())
    if not says:
        link_tables(left, right, spec, tmp_path / "o.csv")
        return
    with pytest.raises(BadInput) as error:
        link_tables(left, right, spec, tmp_path / "o.csv")
    assert says in str(error.value)
    assert sorted(tmp_path.iterdir()) == before  # nothing half-written


def test_expressions_have_no_business_with_files(tmp_path: Path) -> None:
    key = "(SELECT count(*) FROM read_csv('" + str(tmp_path / "l.csv") + "'))"
    left, right, spec = small(tmp_path, SMALL.replace('keys = ["birth"]', f'keys = ["{key}"]'))
    with pytest.raises(BadInput, match="not an expression"):
        link_tables(left, right, spec, tmp_path / "o.csv")


@pytest.mark.parametrize("name", ["l.csv", "r.csv", "x.report.json"])
def test_the_result_is_not_written_over_what_is_read(tmp_path: Path, name: str) -> None:
    left, right, spec = small(tmp_path)
    if name.endswith(".json"):
        spec = spec.rename(tmp_path / name)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(BadInput, match=f"file {name}: --out would write over a file that is read"):
        link_tables(left, right, spec, tmp_path / (name if name.endswith(".csv") else "x.csv"))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before

"""`audit.toml`: claims, sheets, header rows, encodings, renames and constants; and what it may not say."""

from __future__ import annotations

from pathlib import Path

import pytest
from ingest_drops import ID_A, ID_B, ROSTER_HEADINGS, make_drop, run, workbook

from pipeline.errors import BadInput
from pipeline.settings import DropSettings, load_drop_settings


def load(folder: Path, text: str) -> DropSettings:
    (folder / "audit.toml").write_text(text, encoding="utf-8")
    return load_drop_settings(folder)


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    assert load_drop_settings(tmp_path) == DropSettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[source]]\nglob = 'a", "not valid TOML"),
        ("sources = 1", "unknown key 'sources'"),
        ("source = 1", "not a list of tables"),
        ("[[source]]\nglob='a'\ndatset='dibao'", "did you mean 'dataset'"),
        ("[[source]]\nglob='a'\ndataset='低保'", "nearest: dibao"),
        ("[[source]]\ndataset='dibao'", "one of 'glob', 'database' and 'parquet'"),
        ("[[source]]\nglob='a'\ndatabase='sqlite:x'", "one of 'glob', 'database' and 'parquet'"),
        ("[[source]]\nglob='a'\nparquet='hdfs:/x'", "one of 'glob', 'database' and 'parquet'"),
        ("[[source]]\nparquet='hdfs:/x'", "needs the 'dataset' of a department"),
        ("[[source]]\nparquet='hdfs:/x'\ndataset='dibao'", "needs the 'dataset' of a department"),
        ("[[source]]\nparquet='hdfs:/x'\ndataset='tax'\nsheet='s'", "no meaning for Parquet"),
        ("[[source]]\nparquet='hdfs:/x'\ndataset='tax'\ntable='t'", "'table' is for databases"),
        ("[[source]]\nparquet='税/x.parquet'\ndataset='tax'", "must name a file system"),
        ("[[source]]\nparquet='hdfs:x'\ndataset='tax'", "must name a file system"),
        ("[[source]]\nparquet='https://x/y'\ndataset='tax'", "nothing is fetched by https"),
        ("[[source]]\nparquet='s3a://[/y'\ndataset='tax'", "is no address"),
        ("[[source]]\nparquet='s3a://key:word@x/y'\ndataset='tax'", "holds a password"),
        ("[[source]]\nglob='a'\nheader_row=0", "whole number from 1"),
        ("[[source]]\nglob='a'\nheader_row=true", "whole number from 1"),
        ("[[source]]\nglob=''", "non-empty text"),
        ("[[source]]\nglob='a'\nencoding='klingon'", "unknown encoding"),
        ("[[source]]\nglob='a'\ntable='x'", "'table' is for databases"),
        ("[[source]]\ndatabase='mysql://x'\ndataset='tax'\ntable='t'", "must begin with"),
        ("[[source]]\ndatabase='sqlite:x'\ndataset='tax'", "needs 'table' and 'dataset'"),
        ("[[source]]\ndatabase='sqlite:x'\ndataset='tax'\ntable='t'\nsheet='s'", "no meaning for a database"),
        ("[[source]]\nglob='a'\ndataset='tax'\nrenames={x='incom'}", "nearest: income"),
        ("[[source]]\nglob='a'\ndataset='tax'\nconstants={colour='x'}", "no column 'colour'"),
        ("[[source]]\nglob='a'\nrenames='x'", "must be a table"),
    ],
)
def test_what_it_may_not_say(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(BadInput, match=r"audit\.toml") as caught:
        load(tmp_path, text)
    assert words in str(caught.value)


def test_an_entry_overrides_claim_header_encoding_headings_and_constants(tmp_path: Path) -> None:
    settings = """
    [[source]]
    glob = "乡镇/*.csv"
    dataset = "dibao"
    header_row = 3
    encoding = "gb18030"
    renames = { "户" = "household_no", "证" = "id_number" }
    constants = { town = "长来镇", area = "农村" }
    """
    text = f"户,姓名,证,镇街\n样例,样例,样例,样例\n户,姓名,证,镇街\nA,甲,{ID_A},\nB,乙,{ID_B},梅花\n"
    drop = make_drop(tmp_path, {"audit.toml": settings, "乡镇/x.csv": text.encode("gb18030")}, roster=False)
    result = run(drop)
    assert result.rows("dibao", "row", "household_no", "id_number", "town", "area") == [
        (4, "A", ID_A, "长来", "农村"),
        (5, "B", ID_B, "梅花", "农村"),
    ]
    assert result.account("乡镇/x.csv") == (5, 2, 0, 3)


def test_two_entries_may_share_a_workbook_by_sheet(tmp_path: Path) -> None:
    settings = """
    [[source]]
    glob = "汇总.xlsx"
    dataset = "dibao"
    sheet = "低保"
    [[source]]
    glob = "汇总.xlsx"
    dataset = "tekun"
    sheet = "特困"
    [[source]]
    glob = "没有/*"
    """
    drop = make_drop(tmp_path, {"audit.toml": settings}, roster=False)
    rows = [["DB1", "甲", ID_A, "长来"]]
    workbook(drop / "汇总.xlsx", {"低保": [ROSTER_HEADINGS, *rows], "特困": [ROSTER_HEADINGS, *rows], "别": rows})
    result = run(drop)
    assert result.rows("dibao", "record_id") == [("汇总.xlsx#低保#2",)]
    assert result.rows("tekun", "record_id") == [("汇总.xlsx#特困#2",)]
    assert any("没有与" in told for told in result.report.told)

"""Text files made to do harm, each as a real file: refused with one message, or read with its rows right."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.attack import DEATH, ID, NAME, OTHER, laid, refused, tried

HEAD = "姓名,身份证号,死亡日期,户籍地址\n"


def row(name: str = NAME, number: str = ID, address: str = "") -> str:
    return f"{name},{number},2022-10-03,{address}\n"


# size and shape


def test_a_row_of_ten_million_columns(tmp_path: Path) -> None:
    """In the body: too long a line; a shorter one has cells beyond the headings and is rejected whole."""
    wide = "x," * 10_000_000 + "\n"
    assert "a line of more than 8 MiB" in refused(laid(tmp_path, {"死亡.csv": DEATH + wide}))
    outcome = tried(
        laid(tmp_path / "second", {"死亡.csv": DEATH + "x," * 2_000_000 + "\n" + row(number=OTHER)[:-2] + "\n"})
    )
    assert outcome.accounts["死亡.csv"] == (4, 2, 1, 1)
    assert outcome.rows["death"]["id_number"].to_list() == [ID, OTHER]


@pytest.mark.parametrize("columns", [20_000, 500_000])
def test_a_heading_of_too_many_columns(tmp_path: Path, columns: int) -> None:
    message = refused(laid(tmp_path, {"死亡.csv": "姓名,身份证号" + ",x" * columns + "\n" + row()}))
    assert "死亡.csv, row 1" in message and f"{columns + 2} columns" in message


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_a_gigabyte(tmp_path: Path, quote: str) -> None:
    drop = laid(tmp_path, {"死亡.csv": ""})
    with (drop / "死亡.csv").open("wb") as file:
        file.write((HEAD + f"{NAME},{ID},2022-10-03,{quote}").encode())
        file.seek(1 << 30, 1)  # zero bytes that take no room on the disk
        file.write(f"{quote}\n".encode())
    assert "死亡.csv" in refused(drop, mebibytes=700)
    with (drop / "死亡.csv").open("wb") as file:
        file.write((HEAD + f"{NAME},{ID},2022-10-03,{quote}").encode())
        for _ in range(64):
            file.write(b"x" * (1 << 20))
        file.write(f"{quote}\n".encode())
    assert "死亡.csv" in refused(drop, mebibytes=700)


def test_a_quoted_cell_of_a_million_lines(tmp_path: Path) -> None:
    """Line after line is pulled in until the cell is too long to be one."""
    message = refused(laid(tmp_path, {"死亡.csv": HEAD + f'{NAME},{ID},2022-10-03,"' + "\n" * 3_000_000}))
    assert "row 2" in message and "quotation mark" in message


def test_a_million_quotation_marks(tmp_path: Path) -> None:
    outcome = tried(laid(tmp_path, {"死亡.csv": HEAD + ('"' * 1001 + "\n") * 1000 + '"\n' + row()}))
    assert outcome.refusal or outcome.accounts["死亡.csv"][0] <= 1003


def test_a_cell_that_no_form_has_room_for_is_rejected_by_itself(tmp_path: Path) -> None:
    outcome = tried(laid(tmp_path, {"死亡.csv": HEAD + row(address="村" * 100_000) + row("李四", OTHER)}))
    assert outcome.rows["death"]["name"].to_list() == [NAME, "李四"]
    assert outcome.rows["rejects"].select("row", "column").rows() == [(2, "address")]


# bytes


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_zero_bytes(tmp_path: Path, encoding: str) -> None:
    """Far beyond what is looked at to find the encoding."""
    text = HEAD + row(address="村") * 5000 + row("王\x00小明") + row() * 5
    message = refused(laid(tmp_path, {"死亡.csv": text.encode(encoding)}))
    assert "row 5002" in message and "zero byte" in message


@pytest.mark.parametrize(("first", "second"), [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("utf-8", "utf-16-le")])
def test_two_encodings_in_one_file(tmp_path: Path, first: str, second: str) -> None:
    head = (HEAD + row(address="长来镇塘头村") * 3000).encode(first)
    message = refused(laid(tmp_path, {"死亡.csv": head + (row("李建", OTHER, "长来镇塘") * 20).encode(second)}))
    assert "死亡.csv, row" in message and int(message.split("row ")[1].split(":")[0]) >= 3002


def test_a_line_in_utf8_that_is_also_right_in_gb18030(tmp_path: Path) -> None:
    line = row("李建", OTHER, "塘头")
    assert line.encode().decode("gb18030") != line, "other characters, without an error"
    message = refused(laid(tmp_path, {"死亡.csv": (HEAD + row(address="村")).encode("gb18030") + line.encode()}))
    assert "row 3" in message and "UTF-8" in message


def test_ordinary_gb18030_is_read(tmp_path: Path) -> None:
    names = [chr(c) for c in range(0x4E00, 0x9FA5)]
    text = HEAD + "".join(row(f"{a}{b}", OTHER, a + b) for a, b in zip(names[::7], names[3::7], strict=False))
    outcome = tried(laid(tmp_path, {"死亡.csv": text.encode("gb18030")}))
    assert outcome.accounts["死亡.csv"][1] == text.count("\n") - 1


# characters


@pytest.mark.parametrize(
    "mark",
    ["\u200b", "\u200d", "\u200e", "\u202e", "\u2066", "\u2069", "\u00ad", "\u061c", "\u2060", "\ufeff", "\ufe0f",
     "\u3164", "\U000e0041", "\x7f", "\x85", "\x1f"],
)  # fmt: skip
def test_characters_that_nobody_sees(tmp_path: Path, mark: str) -> None:
    """In headings, names, numbers and towns: as if they were not there."""

    def spoilt(text: str) -> str:
        return mark + text[:1] + mark + text[1:] + mark

    lines = [spoilt("姓名") + "," + spoilt("身份证号") + ",镇街,家庭编号"]
    lines += [f"{spoilt(NAME)},{spoilt(ID)},{spoilt('长来镇')},{spoilt('DB1')}"]
    rows = tried(laid(tmp_path, {"低保.csv": "\n".join(lines) + "\n"}, roster=False)).rows["dibao"]
    assert rows.select("name", "id_number", "town", "household_no").rows() == [(NAME, ID, "长来", "DB1")]


SQL = "'; DROP TABLE dibao; --"


def test_sql_in_headings_names_and_values(tmp_path: Path) -> None:
    text = f'姓名,身份证号,家庭编号,镇街,"{SQL}"\n"{SQL}",{ID},"{SQL}","{SQL}",1\n"x"" OR 1=1",{OTHER},2,"$month",\n'
    outcome = tried(laid(tmp_path, {"低保'; DROP TABLE dibao; --.csv".replace("低保", "低保 "): text}))
    rows = outcome.rows["dibao"].sort("record_id")
    assert rows.height == 3
    assert (
        SQL.lstrip("'") in rows["name"].to_list()
        and SQL in rows["town"].to_list()
        and 'x" OR 1=1' in rows["name"].to_list()
    )
    assert any(SQL in sentence for sentence in outcome.told)


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "＝1+1", '=HYPERLINK("x")']
)
def test_formulas_come_in_as_the_text_they_are(tmp_path: Path, value: str) -> None:
    quoted = value.replace('"', '""')
    rows = tried(laid(tmp_path, {"死亡.csv": HEAD + f'{NAME},{ID},2022-10-03,"{quoted}"\n'})).rows["death"]
    assert rows["address"].to_list() == [value.strip()]

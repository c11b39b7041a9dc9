"""Cells of every contract type, in every form the contract names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_drops import ID_A, read_one
from stdnum.cn import ric

from pipeline.ingest import reasons

DAY = dt.date(2022, 10, 3)


@pytest.mark.parametrize(
    "text",
    [
        "2022-10-03",
        "2022/10/3",
        "2022.10.3",
        "20221003",
        "2022年10月3日",
        "2022 年 10 月 3 日",
        "44837",
        "44837.5",
        "2022-10-03 00:00:00",
        "2022-10-03T08:30:00",
        "2022/10/3 0:00",
        "２０２２－１０－０３",
        "\u30002022-10-03\xa0",
        "20221003.0",
    ],
)
def test_every_date_form_is_the_same_day(text: str) -> None:
    assert read_one([text], "died_on", "death") == ([DAY], [None])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2022-13-45", reasons.DATE_ABSENT),
        ("1998-02-30", reasons.DATE_ABSENT),
        ("20210431", reasons.DATE_ABSENT),
        ("2022年2月30日", reasons.DATE_ABSENT),
        ("22-10-3", reasons.DATE_UNREADABLE),
        ("0022-10-03", reasons.DATE_ABSENT),
        ("22", reasons.DATE_UNREADABLE),
        ("2022", reasons.DATE_UNREADABLE),  # a year, not the 2022nd day of Excel's calendar
        ("99999", reasons.DATE_UNREADABLE),
        ("2022-10", reasons.DATE_INCOMPLETE),
        ("3/10/2022", reasons.DATE_UNREADABLE),
        ("去年", reasons.DATE_UNREADABLE),
        ("不详", reasons.PLACEHOLDER),
        ("/", reasons.PLACEHOLDER),
        ("00000000", reasons.PLACEHOLDER),
    ],
)
def test_a_date_that_cannot_be_read_says_why(text: str, reason: str) -> None:
    assert read_one([text, "2022-10-03"], "died_on", "death") == ([None, DAY], [reason, None])


@settings(max_examples=40, deadline=None)
@given(st.dates(dt.date(1906, 1, 1), dt.date(2100, 12, 31)))
def test_dates_round_trip_through_every_form(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    forms = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month:02}.{day.day:02}",
        day.strftime("%Y%m%d"),
        f"{day.year}年{day.month}月{day.day}日",
        f"{day} 00:00:00",
        str(serial),
    ]
    assert read_one(forms, "birth_date", "death") == ([day] * 7, [None] * 7)


def test_months_in_every_form() -> None:
    forms = [
        "2022-10",
        "202210",
        "2022.10",
        "2022年10月",
        "2022/10",
        "2022-10-03",
        "44837",
        "2022-10-01 00:00:00",
        "2022年9月",
    ]
    assert read_one(forms, "start_month", "dibao") == (["2022-10"] * 8 + ["2022-09"], [None] * 9)
    values, why = read_one(["2022-13", "202200", "2022.1", "下月", "-", None], "start_month", "dibao")
    assert values == [None] * 6
    absent, ambiguous = reasons.MONTH_ABSENT, reasons.MONTH_AMBIGUOUS
    assert why == [absent, absent, ambiguous, reasons.MONTH_UNREADABLE, reasons.PLACEHOLDER, None]


def test_valid_until_takes_a_month_as_its_last_day() -> None:
    values, why = read_one(
        ["2022-02", "2022年12月", "2022-11-23", "44985", "2022-14", "长期"], "valid_until", "borderline"
    )
    assert values == [
        dt.date(2022, 2, 28),
        dt.date(2022, 12, 31),
        dt.date(2022, 11, 23),
        dt.date(2023, 2, 28),
        None,
        None,
    ]
    assert why == [None, None, None, None, reasons.MONTH_ABSENT, reasons.DATE_UNREADABLE]


def test_amounts() -> None:
    forms = [
        "1,234.50",
        "￥500",
        "500元",
        "1.2万",
        "¥1,000.00元",
        "－50",
        "-3.5",
        "１２３",
        "0",
        "0.125",
        "3 000",
        "2万元",
    ]
    amounts = ["1234.50", "500", "500", "12000", "1000", "-50", "-3.5", "123", "0", "0.13", "3000", "20000"]
    assert read_one(forms, "income", "tax") == ([Decimal(a) for a in amounts], [None] * 12)
    values, why = read_one(["五百", "1,23", "12 34a", "500美元", "无", "1e20", None], "income", "tax")
    bad = reasons.MONEY_UNREADABLE
    assert (values, why) == ([None] * 7, [bad, bad, bad, bad, reasons.PLACEHOLDER, bad, None])


def test_numbers_keep_their_columns_unit() -> None:
    assert read_one(["97", "97万", "97万元", "970000元"], "capital", "business")[0] == [97.0] * 4
    assert read_one(["89.5", "89.5㎡", "89.5平方米"], "area_m2", "property")[0] == [89.5] * 3
    assert read_one(["3", "3人", "3.0", "２"], "household_size", "temporary")[0] == [3, 3, 3, 2]
    assert read_one(["2.5"], "household_size", "temporary") == ([None], [reasons.INTEGER_UNREADABLE])
    assert read_one(["2021", "2021年", "2021年度", "21"], "year", "tax")[0] == [2021, 2021, 2021, None]
    assert read_one(["2021", "2021年度", "2021上半年"], "period", "medical")[0] == ["2021", "2021", "2021上半年"]


def test_booleans() -> None:
    yes = ["是", "有", "√", "1", "Y", "y", " 是 ", "１"]
    no = ["否", "无", "×", "0", "N", "X", "x"]
    assert read_one([*yes, *no], "covered", "dibao")[0] == [True] * len(yes) + [False] * len(no)
    assert read_one(["也许", "/"], "covered", "dibao") == (
        [None, None],
        [reasons.BOOLEAN_UNREADABLE, reasons.PLACEHOLDER],
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (ID_A, ID_A),
        ("44028119550101123x", "44028119550101123X"),
        ("44028119550101123×", "44028119550101123X"),
        ("４４０２８１１９９００３０７１２３９", ID_A),
        ("440281 19900307 1239", ID_A),
        ("'440281199003071239", ID_A),
        ("440281\u3000199003071239\u200b", ID_A),
        ("440281900307123", "440281900307123"),
        ("440281900307123.0", "440281900307123"),
        ("440281********1239", "440281********1239"),
        ("440281＊＊＊＊＊＊＊＊1239", "440281********1239"),
        ("440281XXXXXXXX1239", "440281********1239"),
        ("44028119900307123", "44028119900307123"),  # 17 digits: the data checks speak about it
        ("H12345678", "H12345678"),
    ],
)
def test_id_numbers_that_are_kept(text: str, kept: str) -> None:
    assert read_one([text], "id_number", "dibao") == ([kept], [None])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("4.40225E+17", reasons.ID_SCIENTIFIC),
        ("4.40225e17", reasons.ID_SCIENTIFIC),
        ("440281199003071000", reasons.ID_ZEROS),
        ("440281199003071239.0", reasons.ID_NUMBER),
        ("身份证遗失", reasons.ID_NO_DIGIT),
        *[
            (text, reasons.PLACEHOLDER)
            for text in ("无", "暂无", "没有", "不详", "未知", "/", "-", "--", "N/A", "null", "000000", "0", "1" * 18)
        ],
        ("9" * 15, reasons.PLACEHOLDER),
        ("123456789012345678", reasons.PLACEHOLDER),
        ("XXXX", reasons.PLACEHOLDER),
    ],
)
def test_id_numbers_that_are_refused(text: str, reason: str) -> None:
    assert read_one([text, ID_A], "id_number", "dibao") == ([None, ID_A], [reason, None])


def test_an_id_that_ends_in_zeros_and_whose_check_digit_holds_is_kept() -> None:
    numbers = [f"440281199003{day:02}1000" for day in range(1, 29)]
    holds = [n for n in numbers if str(ric.calc_check_digit(n)) == "0"]
    assert holds and read_one(holds, "id_number", "dibao") == (holds, [None] * len(holds))


def test_account_numbers() -> None:
    forms = ["6217 2810 0000 1198", "６２１７", "6217281000001198", "6.21728E+15", "13800138000.0", "无", "0000"]
    values, why = read_one(forms, "bank_account", "dibao")
    assert values == ["6217281000001198", "6217", "6217281000001198", None, "13800138000", None, None]
    assert why == [None, None, None, reasons.ID_SCIENTIFIC, None, reasons.PLACEHOLDER, reasons.PLACEHOLDER]


def test_names_lose_stray_white_space_only() -> None:
    forms = ["王 小明", "王\u3000明", "阿卜杜拉·买买提", "John  Smith", "邓?", "无", "ｗａｎｇ", "-"]
    values, why = read_one(forms, "name", "dibao")
    assert values == ["王小明", "王明", "阿卜杜拉·买买提", "John Smith", "邓?", None, "wang", None]
    assert why == [None] * 5 + [reasons.PLACEHOLDER, None, reasons.PLACEHOLDER]


def test_towns_in_their_short_form() -> None:
    forms = [
        "长来镇",
        "长来",
        "乐昌市长来镇",
        "广东省乐昌市长来",
        "北乡镇",
        "北乡",
        "坪石办事处",
        "坪石镇",
        "黄浦镇",
        "长 来",
        "仁化",
    ]
    short = ["长来", "长来", "长来", "长来", "北乡", "北乡", "坪办", "坪石", "黄圃", "长来", "仁化"]
    assert read_one(forms, "town", "dibao") == (short, [None] * 11)


def test_codes_and_schemes_become_canonical_or_stay_as_written() -> None:
    assert read_one(["一级", "1", "壹级", "２", "3.0", "五级"], "level", "disability")[0] == [
        "1",
        "1",
        "1",
        "2",
        "3",
        "五级",
    ]
    assert read_one(["低保", "dibao", "特困人员", "其他项目"], "scheme", "payment")[0] == [
        "dibao",
        "dibao",
        "tekun",
        "其他项目",
    ]
    assert read_one(["男", "1", "女性", "不详"], "sex", "dibao") == (
        ["男", "男", "女", None],
        [None] * 3 + [reasons.PLACEHOLDER],
    )
    assert read_one(["无"], "labour_capacity", "dibao") == (["无"], [None])
    # who died or left is no lead: these stand in the register's own words
    assert read_one(["死亡", "死亡销户", "迁往市外", "在籍"], "status", "household_register")[0] == [
        "注销",
        "注销",
        "迁出",
        "正常",
    ]


def test_free_text_stays_as_written_but_for_white_space_and_full_width_letters() -> None:
    forms = [" 乐昌市（长来）１２号 ", "a\n b", "=1+1", "无"]
    assert read_one(forms, "address", "dibao") == (["乐昌市（长来）12号", "a b", "=1+1", "无"], [None] * 4)

"""A small county of three lists with a fault of nearly every kind, mixed over its people."""

from __future__ import annotations

import datetime as dt

from checks_county import county, household, id_number, items, review, tie

from pipeline.engine.duck import DuckEngine

PRESENT = {"dibao", "archive", "household_register", "tekun"}


def mixed(engine: DuckEngine | None = None) -> DuckEngine:
    """A county with a fault of nearly every kind."""
    rows = household({}, {"village": None}, {"town": "外镇", "sex": "不详"})
    rows += household({"relation": "子", "category": "C", "phone": None}, no="DB2", first=4)
    rows += household({"monthly_amount": -5.0, "start_month": "2022-12"}, no="DB3", first=5)
    rows += household({"monthly_amount": 90000.0, "disability_type": "肢体"}, {"relation": "户主"}, no="DB4", first=6)
    rows += household({"stop_month": "2019-01"}, no="DB5", first=8)
    rows += household({"monthly_amount": 0.0, "id_number": None, "household_no": None}, no="DB6", first=9)
    conflict = {"id_number": "440281199901020010", "sex": "女", "birth_date": dt.date(1998, 1, 1)}
    rows += household(conflict | {"last_review_on": dt.date(2020, 1, 1)}, no="DB7", first=10)
    again = {k: rows[0][k] for k in ("name", "birth_date", "id_number", "sex")}
    rows += [rows[1] | again | {"record_id": "低保.xlsx#名册#00090", "row": 90}]
    archive = (
        items(present=None, signed_by=None) + items("DB2", ("申请书", "审核确认表"), signed_on=None) + items("DB99")
    )
    register = [{"record_id": "户籍.tsv#-#1", "file": "户籍.tsv", "sheet": "-", "row": 1, "name": "张三丰"}]
    place = {"file": "户籍.tsv", "sheet": "-", "birth_date": rows[0]["birth_date"]}
    old = rows[7]["id_number"]
    rows[7]["id_number"] = old[:6] + old[8:17]
    register += [
        place | {"record_id": "户籍.tsv#-#2", "row": 2, "id_number": id_number(rows[0]["birth_date"], 778)},
        place | {"record_id": "户籍.tsv#-#3", "row": 3, "id_number": old},
    ]
    tekun = [{"record_id": "特困.csv#-#1", "file": "特困.csv", "sheet": "-", "row": 1, "name": "王五常"}]
    links = [
        review(rows[1]["record_id"], "household_register", "户籍.tsv#-#1"),
        review(rows[2]["record_id"], "tekun", "特困.csv#-#1"),
        tie(rows[0]["record_id"], "household_register", "户籍.tsv#-#2", "review", pattern="name=equal id=two_valid"),
        tie(rows[7]["record_id"], "household_register", "户籍.tsv#-#3", "link", pattern="name=equal id=old_form"),
    ]
    states = {rows[3]["id_number"]: "masked", rows[4]["id_number"]: "checksum", rows[7]["id_number"]: "old15"}
    return county(rows, archive, states, links, engine, household_register=register, tekun=tekun)

"""A made-up county in its third month, with every state, links, gaps, and one who says too much."""

from __future__ import annotations

import json
import random
from dataclasses import replace

from publish_sample import MONTH, RULES, Publication, finding, sample, with_linkage, with_scores

from pipeline.ledger.trends import Trends
from pipeline.publish.words import STATUSES

_PERSON, _NUMBER = "黄金水", "440281195203041234"
_SECRET = {
    "fingerprint": "feedc0ffee" + "0" * 22, "name": _PERSON, "id_number": _NUMBER, "village": "塘头", "town": "长来",
    "summary": f"{_PERSON}（{_NUMBER}）与谭秀英登记结婚，谭秀英名下有小型轿车粤F00001，电话13800138000。",
    "record_id": "低保/低保_长来.xlsx#名册#4",
    "evidence": json.dumps([{
        "dataset": "marriage", "record_id": "部门/婚姻.csv#-#7",
        "values": {"spouse_name": "谭秀英", "spouse_id_number": "440281195504052345", "registered_on": "1980-05-01",
                   "married_to": "440281195504052345"},
    }, {
        "dataset": "household_register", "record_id": "部门/户籍.csv#-#100", "values": {"address": "塘头村12号"},
    }], ensure_ascii=False),
}  # fmt: skip


def county(count: int = 60) -> Publication:
    """A county in its third month: all states, the model's links, completeness, a finding that says too much."""
    rng = random.Random(3)
    extra = [finding(700 + i, RULES[i % 8], "长来", rng, status=s) for i, s in enumerate([*STATUSES] * 6)]
    extra.append(finding(900, RULES[1], "长来", rng) | _SECRET)
    pub = with_linkage(with_scores(sample(count, extra=extra)))
    engine = pub.engine
    engine.run(
        "UPDATE links SET roster_record_id = '低保/低保_长来.xlsx#名册#4' WHERE record_id = '部门/户籍.csv#-#100'"
    )
    engine.run(
        "UPDATE findings SET village = CASE WHEN fingerprint LIKE 'feed%' THEN '塘头' WHEN status = 'new' THEN '新村' "
        "WHEN status = 'continuing' THEN '河背' ELSE '大坪' END WHERE town = '长来'"
    )
    engine.run("UPDATE findings SET cause = 'data_changed' WHERE status = 'resolved'")
    engine.run("SELECT * FROM findings WHERE status = 'resolved' LIMIT 2", into="unexamined")
    engine.run("UPDATE unexamined SET status = 'not_examined', fingerprint = 'ab' || fingerprint")
    engine.run(
        "SELECT * FROM (VALUES ('name', 'equal', 12.0::DOUBLE), ('id', 'one_off', 8.0), ('birth', 'equal', 6.5), "
        "('sex', 'equal', 1.0), ('place', 'village', 4.0)) AS t(field, level, weight)", into="link_level",
    )  # fmt: skip
    counts = dict(engine.rows("SELECT status, count(*) FROM findings GROUP BY 1").iter_rows())
    by_status = {(s, MONTH): n for s, n in counts.items()} | {("not_examined", MONTH): 2, ("new", "2022-09"): 7}
    return replace(pub, trends=Trends(["2022-09", MONTH], {}, {}, by_status, {}, {}))

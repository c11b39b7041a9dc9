"""Pairs of every kind, as `compare_records` would give them: people and numbers are invented, the weights plausible."""

from __future__ import annotations

from pipeline.linkage.compared import Compared, FieldCompared

Cell = tuple[str | None, str | None, str | None, float]  # left, right, level, weight
SAME = {"sex": 0.9, "birth": 13.6, "place": 6.1, "phone": 15.2, "account": 16.0, "name": 11.3}
EMPTY: Cell = (None, None, None, 0.0)
ROSTER, REGISTER, DEATH = "低保/低保_长来镇.xlsx#名册#{}", "部门/户籍.csv#-#{}", "部门/死亡.xlsx#2022#{}"
PRIOR = -17.6


def pair(
    right_dataset: str = "household_register",
    *,
    modelled: bool = True,
    runner_up: float | None = None,
    tier: str = "probabilistic",
    decision: str,
    reason: str,
    **cells: Cell,
) -> Compared:
    fields = ("name", "id", "birth", "sex", "place", "phone", "account", "household", "once")
    rows = tuple(FieldCompared(f, *cells.get(f, EMPTY)) for f in fields)
    right = (DEATH if right_dataset == "death" else REGISTER).format(88)
    if right_dataset == "dibao":
        right = ROSTER.format(61)
    weight = sum(f.weight for f in rows)
    rival = 0.0 if runner_up is None else 2 ** (PRIOR + runner_up)
    own = 2 ** (PRIOR + weight)
    return Compared(
        left=ROSTER.format(12),
        left_dataset="dibao",
        right=right,
        right_dataset=right_dataset,
        fields=rows,
        weight=weight,
        prior=PRIOR,
        probability=round(own / (1 + rival + own), 6) if modelled else None,
        runner_up=runner_up,
        tier=tier,
        decision=decision,
        reason=reason,
    )


def same(field: str, value: str, level: str = "equal") -> Cell:
    return value, value, level, SAME[field]


FREE: Cell = ("1", "1", "free", 0.4)
PAIRS: dict[str, Compared] = {
    "repaired_digit": pair(
        "death", runner_up=12.9, tier="repaired_id", decision="link", reason="repaired_id",
        name=same("name", "邓水生"), id=("44028119560312471X", "44028119560312477X", "one_off", 19.4),
        birth=same("birth", "1956-03-12"), sex=same("sex", "男"), place=same("place", "长来 塘头", "village"),
        once=FREE,
    ),
    "swap": pair(
        tier="repaired_id", decision="link", reason="repaired_id",
        name=same("name", "陈桂兰"), id=("440281196811092147", "440281196811902147", "swap", 18.8),
        birth=same("birth", "1968-11-09"), sex=same("sex", "女"), place=same("place", "北乡", "town"),
    ),
    "masked": pair(
        runner_up=-3.1, decision="link", reason="probabilistic",
        name=same("name", "骆志明"), id=("440281197402080035", "440281********0035", "masked", 15.1),
        birth=("1974-02-08", None, None, 0.0), sex=same("sex", "男"),
        place=("廊田 新村 3号", "廊田 山口", "town", 2.9), phone=same("phone", "13800001234"),
    ),
    "homophone_no_number": pair(
        runner_up=17.2, decision="link", reason="probabilistic",
        name=("黄丽珍", "王丽珍", "homophone", 7.9), id=("440281197203151427", None, None, 0.0),
        birth=same("birth", "1972-03-15"), sex=same("sex", "女"), place=same("place", "长来 塘头 12号", "address"),
        once=FREE,
    ),
    "wildcard": pair(
        decision="link", reason="probabilistic",
        name=("欧?福", "欧燊福", "wildcard", 9.2), id=EMPTY, birth=same("birth", "1949-10-01"), sex=same("sex", "男"),
        place=same("place", "梅花 大坪", "village"),
    ),
    "household_evidence": pair(
        runner_up=10.4, tier="household", decision="link", reason="household",
        name=same("name", "李小华"), id=("4402812012041732", None, None, 0.0),
        birth=("2012-04-17", "2012-04-11", "one_digit", 4.2), sex=same("sex", "女"),
        place=same("place", "坪石 下坑", "village"), household=("DB000123", "HK0456", "kin", 12.3),
    ),
    "twin_refused": pair(
        runner_up=33.8, decision="reject", reason="rival",
        name=("谭建军", "谭建华", "surname", -2.6), id=EMPTY, birth=same("birth", "2001-05-20"), sex=same("sex", "男"),
        place=same("place", "五山 联平 8号", "address"), household=("DB000777", "DB000777", "same", 5.8),
        once=("1", "2", "taken", -6.5),
    ),
    "father_and_son": pair(
        modelled=False, tier="exact_id", decision="reject", reason="confirmed_apart",
        name=same("name", "白志强"), id=("440281195001150013", "440281197606220036", "two_valid", -20.5),
        birth=("1950-01-15", "1976-06-22", "other", -9.1), sex=same("sex", "男"),
        place=same("place", "九峰 河背 1号", "address"), household=("DB000900", "DB000900", "same", 5.8),
    ),
    "head_s_number_on_a_child": pair(
        "dibao", modelled=False, tier="exact_id", decision="review", reason="id_conflict",
        name=("张国强", "张小梅", "surname", -2.6), id=("440281196503020037", "440281196503020037", "equal", 21.0),
        birth=("1965-03-02", "2012-08-09", "other", -9.1), sex=("男", "女", "other", -6.0),
        place=same("place", "沙坪 新村", "village"), household=("DB000321", "DB000321", "same", 5.8),
    ),
    "changed_number": pair(
        runner_up=23.9, decision="review", reason="below",
        name=same("name", "丘春梅"), id=("440281195912054428", "440225195912054427", "two_valid", -7.7),
        birth=same("birth", "1959-12-05"), sex=same("sex", "女"), place=same("place", "黄圃 山口", "village"),
    ),
    "old_form": pair(
        modelled=False, tier="exact_id", decision="link", reason="same_id",
        name=("锺桂英", "钟桂英", "variant", 10.8), id=("440281530709202", "440281195307092020", "old_form", 20.1),
        birth=same("birth", "1953-07-09"), sex=same("sex", "女"), place=same("place", "大源", "town"),
    ),
    "two_confirmed": pair(
        "death", modelled=False, tier="exact_id", decision="reject", reason="confirmed_apart",
        name=same("name", "沈秀英"), id=("44028119600101004X", "44028119600101012X", "two_valid", -20.5),
        birth=same("birth", "1960-01-01"), sex=same("sex", "女"), place=("乐城", "三溪", "other", -2.2),
    ),
}  # fmt: skip

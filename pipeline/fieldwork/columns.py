"""What visitors fill in: the answer columns of the visit ledger (六查一访), for ledger, collect and papers alike.

`visit.answers` holds them as JSON: column id → value (dates as YYYY-MM-DD, whole numbers as numbers); empty ones are
left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.draw.results import CONCLUSIONS

Kind = Literal["date", "choice", "count", "people", "photos", "text"]

YES, NO, UNCLEAR = "是", "否", "不清楚"
AGREES, DIFFERS, NOT_CHECKED, NOT_APPLICABLE = "相符", "不符", "未查", "不涉及"
BY_NAME, BY_PRINT, UNSIGNED = "签名", "按手印", "未签"
IN_PERSON, BY_PROXY = "本人", "代签"
ABILITIES = ("全自理", "半失能", "失能")
MOST_AT_HOME = 30  # people of a household at home at a visit


@dataclass(frozen=True)
class Answer:
    """One column: `required` in every visit; what else must be filled when is in `pipeline.fieldwork.answers.cells`."""

    id: str
    zh: str
    kind: Kind
    width: float
    told: str  # what the cell's message says
    choices: tuple[str, ...] = ()
    required: bool = True


_SIX = (AGREES, DIFFERS, NOT_CHECKED)
_SIX_TOLD = "与系统、档案相符选“相符”；不符或未查的在“核查说明”中写明"

ANSWERS: tuple[Answer, ...] = (
    Answer("visited_on", "入户日期", "date", 9.5, "如 2022-10-18"),
    Answer("visitors", "核查人", "people", 7.5, "实际入户的两人姓名，每行一人；与安排不同的请改正"),
    Answer("met", "见到本人", "choice", 5, "未见到本人的在“核查说明”中写明原因", (YES, NO)),
    Answer("home", "一查家境", "choice", 5, f"住房、家电、家庭成员穿戴等。{_SIX_TOLD}", _SIX),
    Answer("persons", "二查人员", "choice", 5, f"户内人员是否与档案一致。{_SIX_TOLD}", _SIX),
    Answer("structure", "三查结构", "choice", 5, f"家庭成员结构。{_SIX_TOLD}", _SIX),
    Answer("health", "四查病残", "choice", 5, f"残疾证、病历等证明。{_SIX_TOLD}", (*_SIX, NOT_APPLICABLE)),
    Answer("employment", "五查就业", "choice", 5, f"就业情况。{_SIX_TOLD}", (*_SIX, NOT_APPLICABLE)),
    Answer("income", "六查收入", "choice", 5, f"家庭收入。{_SIX_TOLD}", _SIX),
    Answer("lives_here", "邻里：常住", "choice", 5.5, "邻居是否认为该户常住此处", (YES, NO, UNCLEAR)),
    Answer("members_true", "邻里：人员属实", "choice", 5.5, "邻居是否认为家庭成员属实", (YES, NO, UNCLEAR)),
    Answer("work_true", "邻里：就业属实", "choice", 5.5, "邻居是否认为就业情况属实", (YES, NO, UNCLEAR)),
    Answer("self_care", "自理能力", "choice", 6, "只有“护理等级”抽查户填写，填核实的情况", ABILITIES, required=False),
    Answer("present", "在家人数", "count", 4.5, "入户时在家的家庭成员人数，填整数"),
    Answer("signature", "签字方式", "choice", 6, "签名或按手印；没有签的选“未签”", (BY_NAME, BY_PRINT, UNSIGNED)),
    Answer("signed_by", "签字人", "choice", 5, "应由本人签，亲属不得代签", (IN_PERSON, BY_PROXY), required=False),
    Answer("proxy_reason", "代签或未签的原因", "text", 8.5, "代签的写明代签人、关系、原因；未签的写明原因", (), False),
    Answer("photos", "照片编号", "photos", 7, "如 001-004、007", required=False),
    Answer("conclusion", "核查结论", "choice", 8, "从下拉列表中选择", CONCLUSIONS),
    Answer("note", "核查说明", "text", 19, "不符、未查、未见本人，或结论不是“继续保障”的，必须写明", required=False),
)  # fmt: skip
BY_ID: dict[str, Answer] = {a.id: a for a in ANSWERS}
SIX_CHECKS = ("home", "persons", "structure", "health", "employment", "income")
NEIGHBOURS = ("lives_here", "members_true", "work_true")
PREFILLED = ("visitors",)  # written by the plan: alone, no sign that a row was filled in
# what nobody can say who could not verify anything: then not asked for
IDLE_UNVERIFIED = frozenset(a.id for a in ANSWERS if a.required) - {"visited_on", "visitors", "met", "conclusion"}

"""Gaps in the archives: no archive, papers missing, unsigned, undated; papers under other names, or not asked for."""

from __future__ import annotations

from pipeline.demo.gaps.case import GapCase
from pipeline.demo.gaps.registry import ALL, ENROLLED, FAMILIES, near_miss, positive

_WITH_VISIT = ENROLLED
_TEMPORARY = ("temporary",)


@positive("archive_absent", "nothing on file", papers=0)
@positive("archive_absent", "everything marked as absent", papers=1)
def nothing(g: GapCase, papers: int) -> None:
    g.papers = [p | {"present": False, "signed_by": None, "signed_on": None} for p in g.papers] if papers else []


@near_miss("archive_absent", "presence not filled in")
def presence_blank(g: GapCase) -> None:
    for paper in g.papers:
        paper["present"] = None


@positive("document_missing", "the public notice", item="公示", schemes=ENROLLED, document="公示")
@positive("document_missing", "proof of spending", item="支出凭证", schemes=("expenditure",), document="支出凭证")
@positive("document_missing", "the agreement", item="供养协议或照料协议", schemes=("tekun",), document="供养协议")
@positive("document_missing", "the supporters", item="赡养人情况", schemes=("tekun",), document="赡养人情况")
@positive("document_missing", "proof of the event", item="事由证明", schemes=_TEMPORARY, document="事由证明")
@positive("document_missing", "the report of ordinary aid", item="核对报告", schemes=_TEMPORARY, document="核对报告")
@positive("authorisation_missing", "not there", item="核对授权书", document="核对授权书")
def missing(g: GapCase, document: str) -> None:
    g.without(document)


@positive("document_missing", "listed as absent", item="申请书", document="申请书")
def listed_as_absent(g: GapCase, document: str) -> None:
    g.without(document)
    g.paper(document, present=False, signed_by=None, signed_on=None)


@positive("document_missing", "a disability without its card", alone=True, item="残疾证", schemes=FAMILIES, card=False)
@near_miss("document_missing", "a disability with its card", alone=True, item="残疾证", schemes=FAMILIES, card=True)
def declared(g: GapCase, card: bool) -> None:
    g.last.update(disability_type="肢体", disability_level="4")
    if g.scheme == "dibao":
        g.last["health"] = "残疾"
    if card:
        g.paper("第二代残疾人证复印件")


@near_miss("document_missing", "no disability, no card", item="残疾证", schemes=FAMILIES)
def undeclared(g: GapCase) -> None:
    pass


@near_miss("document_missing", "urgent aid without the report", alone=True, item="核对报告", schemes=_TEMPORARY)
@near_miss("authorisation_missing", "urgent aid without it", alone=True, item="核对授权书", schemes=_TEMPORARY)
def urgent(g: GapCase) -> None:
    g.set(kind="急难型")
    g.without("核对报告", "核对授权书")


@positive("document_missing", "a stop without its notice", alone=True, item="停救通知书", schemes=ENROLLED)
def stopped_without_notice(g: GapCase) -> None:
    g.stop()
    g.papers = []


@near_miss("document_missing", "stopped: the notice alone", alone=True, item="公示", schemes=ENROLLED)
def stopped(g: GapCase) -> None:
    g.stop()


@near_miss(
    "document_missing",
    "one paper for two",
    item="承诺书",
    schemes=ENROLLED,
    document="承诺书",
    instead=("申请及承诺书",),
)
@near_miss(
    "document_missing",
    "in two papers",
    item="身份证户口簿复印件",
    schemes=ENROLLED,
    document="身份证户口簿复印件",
    instead=("户主身份证复印件", "户口簿复印件"),
)
@near_miss(
    "document_missing",
    "under another name",
    item="供养协议或照料协议",
    schemes=("tekun",),
    document="供养协议",
    instead=("委托照料协议",),
)
@near_miss(
    "document_missing",
    "under another name",
    item="支出凭证",
    schemes=("expenditure",),
    document="支出凭证",
    instead=("医疗费用发票",),
)
@near_miss(
    "document_missing",
    "under another name",
    item="事由证明",
    schemes=_TEMPORARY,
    document="事由证明",
    instead=("疾病诊断证明书",),
)
@near_miss("document_missing", "under another name", item="申请书", document="申请书", instead=("书面申请（申请表）",))
@near_miss(
    "authorisation_missing",
    "under another name",
    item="核对授权书",
    document="核对授权书",
    instead=("家庭经济状况核对查询授权书",),
)
def otherwise(g: GapCase, document: str, instead: tuple[str, ...]) -> None:
    g.without(document)
    for name in instead:
        g.paper(name)


@near_miss("authorisation_missing", "one for each member", item="核对授权书", schemes=ENROLLED)
def one_each(g: GapCase) -> None:
    g.without("核对授权书")
    for row in g.rows:
        g.paper(f"核对授权书（{row['name']}）")


@positive("document_unsigned", "the visit form", item="入户调查表", schemes=_WITH_VISIT, document="入户调查表")
@positive("document_unsigned", "the approval", item="审批表", schemes=_TEMPORARY, document="审批表")
@positive(
    "document_unsigned", "the assessment", item="生活自理能力评估表", schemes=("tekun",), document="生活自理能力评估表"
)
@near_miss("document_unsigned", "a paper that need not be", item="申请书", schemes=ALL, document="申请书")
def unsigned(g: GapCase, document: str) -> None:
    g.without(document)
    g.paper(document, signed_by=None)


@positive("document_undated", "the approval", item="审核确认表", schemes=_WITH_VISIT, document="审核确认表")
@positive("document_undated", "the approval", item="审批表", schemes=_TEMPORARY, document="审批表")
@near_miss("document_undated", "a paper that need not be", item="申请书", schemes=ALL, document="申请书")
def undated(g: GapCase, document: str) -> None:
    g.without(document)
    g.paper(document, signed_on=None)


@near_miss(
    "document_unsigned", "a second copy is signed", item="入户调查表", schemes=_WITH_VISIT, document="入户调查表"
)
@near_miss("document_unsigned", "a second copy is signed", item="审批表", schemes=_TEMPORARY, document="审批表")
def second_copy(g: GapCase, document: str) -> None:
    g.paper(document, signed_by=None, signed_on=None)


@positive("archive_unmatched", "under a number that is nobody's")
def nobodys(g: GapCase) -> None:
    g.archived_as = f"{g.no[:2]}440297{g.county.next_serial():06d}"


@near_miss("archive_unmatched", "of a stopped household", alone=True, schemes=ENROLLED)
def of_a_stopped_one(g: GapCase) -> None:
    g.stop()

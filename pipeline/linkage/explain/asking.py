"""What is asked of a town about a pair in review: why it was not settled, and what to look at. Only what a town can do.

A town puts its own rosters' numbers right and sees people and their papers; what a department left out or hid in its
data no town can fill in, so it is not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.contract import ROSTERS, SECTORS, TOWNS, scheme_zh
from pipeline.linkage.explain import wording
from pipeline.linkage.explain.number_words import borrowed, flaws_of
from pipeline.linkage.explain.verdicts import HELD, held_words
from pipeline.linkage.explain.wording import OTHER_DAY, UNLIKE_NAMES, one_number
from pipeline.record_words import chance

_SPELT = frozenset({"equal", "variant", "wildcard", None})  # names between which there is nothing to ask


@dataclass(frozen=True)
class Side:
    """One of the two: what the row is called, its dataset, and what it says."""

    called: str
    dataset: str
    name: str | None
    number: str | None
    birth: str | None
    town: str | None

    @property
    def roster(self) -> bool:
        return self.dataset in ROSTERS

    @property
    def who(self) -> str:
        return self.name or f"{self.called}这个人"


def why_asked(
    levels: Mapping[str, str | None], probability: float | None, reason: str, near: int, sides: tuple[Side, Side]
) -> str:
    """Why a pair was left to people, as the end of its sentence; '' where the pattern alone has to say it.

    near: how many others fit as well as this one, or better.
    """
    chances = "" if probability is None else f"可能性{chance(probability)}"
    if probability is None and one_number(levels):
        ours, theirs = sides
        suspects = borrowed(
            {"id": (ours.number, theirs.number), "birth": (ours.birth, theirs.birth)}, (ours.called, theirs.called)
        )
        doubt = f"{'、'.join(suspects)}所登出生日期与号码中的不符，号码可能登错" if suspects else "可能有一方登错"
        return f"同一个号码下是两个名字，{doubt}，请人工核对"
    if not chances:
        return ""
    if reason in HELD:
        held = held_words(reason, (sides[0].number, sides[1].number), (sides[0].birth, sides[1].birth))
        return f"{chances}，但{held}，不自动认定，请人工核对"
    if near or reason == "rival":
        return f"{chances}，另有同样相符或更相符的人选，分不清是哪一个，请人工核对"
    return ""


def how_to_look(levels: Mapping[str, str | None], sides: tuple[Side, Side], rivals: Sequence[Side]) -> str:
    """What the town looks at and asks, a sentence. rivals: the others that the record may be about."""
    ours, theirs = sides
    if one_number(levels):
        return _whose_number(ours, theirs)
    steps = [_own_number(ours)]
    if theirs.roster:
        steps.append(
            _own_number(theirs) if theirs.town == ours.town else f"请{theirs.town or '对方镇街'}核对{theirs.who}"
        )
    if (name := levels.get("name")) not in _SPELT and theirs.name:
        kin = "，还是其兄弟姐妹、父母子女" if levels.get("household") in ("same", "kin") or name in UNLIKE_NAMES else ""
        steps.append(f"问清“{theirs.name}”是本人的别名、曾用名或登记错字{kin}")
    if levels.get("birth") in OTHER_DAY and ours.birth and theirs.birth:
        steps.append(f"出生日期以户口簿为准（{ours.birth}或{theirs.birth}）")
    if levels.get("place") == "other" and theirs.town in TOWNS:
        steps.append(f"问是否住过{theirs.town}或在那里登记")
    if not theirs.roster:
        steps.append(_department(theirs))
    if rivals:
        steps.append(f"分清是{'、'.join(_told_apart([ours, *rivals]))}中的哪一个")
    return "；".join(steps) + "。"


def _told_apart(some: Sequence[Side]) -> list[str]:
    """The names of several people, each with the end of the number, else the birth date: a name may be misspelt."""
    out = []
    for side in some:
        end = (side.number or "")[-4:]
        mark = f"尾号{end}" if end and "*" not in end else side.birth or "没有号码"
        out.append(f"{side.who}（{mark}）")
    return list(dict.fromkeys(out))


def _whose_number(ours: Side, theirs: Side) -> str:
    """One number on two people: whose identity card has it, and what is put right then."""
    if theirs.roster:
        return f"看{ours.who}、{theirs.who}两人的身份证，号码是谁的留给谁，另一行按其本人身份证更正。"
    return (
        f"看{ours.who}的身份证：号码与名册不同的，更正名册；相同的，是对方数据登错，"
        "填“不是同一人”并写明，由县局转请更正；姓名已改的，填“同一人”。"
    )


def _own_number(side: Side) -> str:
    """What to do about a roster row's own number."""
    card = f"看{side.who}的身份证、户口簿"
    if not side.number:
        return f"{card}，补登名册上的号码"
    if "*" in side.number:
        return f"{card}，名册上的号码换成没有隐去的"
    return f"{card}，更正名册上的号码" if flaws_of((side.number, None), ("名册", "")) else card


def _department(side: Side) -> str:
    """What to ask of the person about a record of no roster, and what of it a town need not look for."""
    papers, zh = wording.papers(side.dataset), scheme_zh(side.dataset)
    asked = f"问本人有无{zh}中的这一登记{f'（{papers}）' if papers else ''}"
    if side.dataset not in SECTORS:  # the bureau's own visits and assessments
        return f"问{papers or '登记人'}所登是不是此人{'' if side.number and '*' not in side.number else '，补登号码'}"
    if not side.number:
        return f"{asked}；对方数据没有号码，不必追查"
    return f"{asked}；对方隐去的号码不必追查" if "*" in side.number else asked

"""Planted for linkage: people who are taken for one another, people whose records are noisy, and renumbered people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.demo import id_numbers, names
from pipeline.demo.model import Case, County, NothingLeft
from pipeline.demo.rates import RENUMBERED
from pipeline.demo.rosters import family_case

_LOUD_HOUSEHOLDS = 5  # for each positive of a rule: households on rosters that nothing was planted on
_LOUD_RENUMBERED = 0.15
_STRANGERS = 2


def plant_likenesses(c: County) -> None:
    """Homonyms of one birth date (in other towns and in the same one), twins whose names sound alike, siblings one
    character apart, sons of their father's name (each as often as a rule's positives, where a household serves); and
    people of whom there is one record only."""
    taken = set(c.people.id_number.tolist())
    adults = iter(_adults(c))
    for _ in range(c.positives):
        _homonym_elsewhere(c, adults, taken)
        _homonym_beside(c, adults, taken)
        _twins_by_ear(c, taken)
        _sibling_one_character_apart(c)
        _fathers_name(c)
    for _ in range(_STRANGERS):
        _known_to_nobody(c)


def choose_loud(c: County) -> None:
    """Whose records are noisy: everybody with a likeness on a roster, and some of the households left as they were."""
    p = c.people
    on_roster = {pid for cases in c.cases.values() for case in cases for pid in case.pids}
    pairs = [(a, b) for a, b, _ in c.likenesses]
    for other in (p.twin_of, p.namesake_of):
        pairs += [(pid, int(other[pid])) for pid in np.flatnonzero(other >= 0).tolist()]
    for pair in pairs:
        if on_roster.intersection(pair):
            c.loud.update(set(pair) - c.quiet)
    untouched = [case for cases in c.cases.values() for case in cases if _untouched(c, case)]
    for i in c.rng.permutation(len(untouched))[: _LOUD_HOUSEHOLDS * c.positives].tolist():
        c.loud.update(untouched[i].pids)


def renumber(c: County) -> None:
    """Give a few people an earlier number, which older files still carry."""
    n = len(c.people)
    rate = np.full(n, RENUMBERED)
    rate[sorted(c.loud)] = _LOUD_RENUMBERED
    rate[sorted(c.quiet)] = 0.0
    chosen = np.flatnonzero(c.rng.random(n) < rate)
    earlier = id_numbers.renewed(c.people.id_number[chosen], set(c.people.id_number.tolist()), c.rng)
    c.earlier.update(zip(chosen.tolist(), earlier.tolist(), strict=True))


def _untouched(c: County, case: Case) -> bool:
    return not case.taken and not c.quiet.intersection(case.pids)


def _adults(c: County) -> Iterator[int]:
    """Heads of untouched dibao and tekun households, the commonest names first; each household is then taken."""
    often = Counter(c.people.name.tolist())
    heads = [
        (-often[str(c.people.name[case.pids[0]])], case.pids[0], case)
        for scheme in ("dibao", "tekun")
        for case in c.cases[scheme]
        if c.people.age[case.pids[0]] >= 28
    ]
    for _, pid, case in sorted(heads, key=lambda h: h[:2]):
        if _untouched(c, case):
            case.taken = True
            yield pid


def _families(c: County, role: str, least: int) -> Iterator[tuple[Case, list[int]]]:
    """Households with so many members of this role, all of one sex and surname, and these members.

    First those that nothing was planted on, then new ones on dibao.
    """
    p = c.people

    def serving(pids: Iterable[int]) -> list[int]:
        who = [pid for pid in pids if p.role[pid] == role]
        alike = len({(bool(p.male[pid]), str(p.surname[pid])) for pid in who}) == 1
        return who if alike and len(who) >= least else []

    for scheme in ("dibao", "borderline", "expenditure"):
        for case in c.cases[scheme]:
            if _untouched(c, case) and serving(case.pids):
                yield case, serving(case.pids)
    shapes = [shape for shape in c.spare if shape.count(role) >= least]
    while True:
        try:
            members = c.take_home(*shapes, need=lambda home: bool(serving(home)))
        except NothingLeft:
            return
        case = family_case(c, "dibao", int(p.home[members[0]]), list(members))
        c.cases["dibao"].append(case)
        yield case, serving(members)


def _homonym(c: County, pid: int, taken: set[str], *, same_town: bool) -> int | None:
    """Make somebody of the general population, of like age and the same sex, share a person's name and birth date."""
    p = c.people
    fits = (p.male == p.male[pid]) & (np.abs(p.age - p.age[pid]) <= 3) & (p.age >= 28)
    fits &= (p.town[p.home] == p.town[p.home[pid]]) == same_town
    fits &= ~np.isin(p.home, np.fromiter(c.reserved, dtype=np.int64, count=len(c.reserved)))
    fits[sorted(c.quiet | {b for _, b, _ in c.likenesses})] = False
    options = np.flatnonzero(fits)
    if not len(options):
        return None
    other = int(c.pick(options))
    p.name[other], p.surname[other], p.given[other] = p.name[pid], p.surname[pid], p.given[pid]
    _born_with(c, other, pid, taken)
    return other


def _born_with(c: County, pid: int, other: int, taken: set[str]) -> None:
    """Give a person another's birth date, and a number that fits it."""
    p = c.people
    p.birth[pid], p.age[pid] = p.birth[other], p.age[other]
    day = str(p.birth[other].astype("datetime64[D]")).replace("-", "")
    own = str(p.id_number[pid])
    p.id_number[pid] = id_numbers.renewed(np.array([own[:6] + day + own[14:]]), taken, c.rng)[0]


def _homonym_elsewhere(c: County, adults: Iterator[int], taken: set[str]) -> None:
    pid = next(adults, None)
    other = None if pid is None else _homonym(c, pid, taken, same_town=False)
    if pid is not None and other is not None:
        c.likenesses.append((pid, other, "homonym_other_town"))


def _homonym_beside(c: County, adults: Iterator[int], taken: set[str]) -> None:
    """Two of one name and birth date in one town: only the one on no roster is insured, and under no number at all."""
    pid = next(adults, None)
    other = None if pid is None else _homonym(c, pid, taken, same_town=True)
    if pid is None or other is None:
        return
    c.without("employment", [pid])
    c.add(
        "employment", other, employer="乐昌市百货商场", insured_from=c.month.back(80), insured_to=c.month.back(30),
        wage_base=2600.0, force_id="missing",
    )  # fmt: skip
    c.likenesses.append((pid, other, "homonym_same_town"))
    c.quiet.add(other)  # the missing number is all the trouble there is


def _twins_by_ear(c: County, taken: set[str]) -> None:
    p = c.people
    for case, (first, second, *_) in _families(c, "C", 2):
        surname = str(p.surname[second])
        for language in ("mandarin", "cantonese"):
            alike = names.by_ear(str(p.name[first]), c.rng, language)
            if alike != p.name[first] and alike.startswith(surname):
                p.name[second], p.given[second], p.twin_of[second] = alike, alike[len(surname) :], first
                _born_with(c, second, first, taken)
                c.likenesses.append((first, second, "twin_by_ear"))
                case.taken = True
                return


def _sibling_one_character_apart(c: County) -> None:
    p = c.people
    for case, (first, second, *_) in _families(c, "C", 2):
        given = str(p.given[first])
        if len(given) == 2 and p.twin_of[second] < 0:
            last = str(c.pick([k for k in names.characters() if k != given[1]]))
            p.given[second], p.name[second] = given[0] + last, str(p.surname[second]) + given[0] + last
            c.likenesses.append((first, second, "sibling"))
            case.taken = True
            return


def _fathers_name(c: County) -> None:
    p = c.people
    for case, (son, *_) in _families(c, "A", 1):
        father = int(p.start[p.home[son]])
        if p.male[father] and p.surname[father] == p.surname[son]:
            p.name[son], p.given[son], p.namesake_of[son] = p.name[father], p.given[father], father
            case.taken = True
            return


def _known_to_nobody(c: County) -> None:
    """Somebody of whom there is one record in the county, under no number: nothing can be said of that record."""
    (pid,) = c.take_home("H")
    for dataset in ("household_register", "pension", "medical", "deposit", "vehicle", "employment", "property"):
        c.without(dataset, [pid])
    c.add(
        "disability", pid, certificate_no=f"残{c.next_serial():08d}", kind="肢体", level="4",
        issued_on=c.month.day(30), status="正常", force_id="missing",
    )  # fmt: skip
    c.quiet.add(pid)

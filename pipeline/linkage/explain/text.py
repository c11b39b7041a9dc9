"""The explanation as a plain-text table for the terminal: English headings, values as they stand."""

from __future__ import annotations

from io import StringIO

from rich.box import SIMPLE
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.linkage.compared import Compared, FieldCompared
from pipeline.linkage.explain.differences import Mark, marks
from pipeline.linkage.explain.sentences import sentence
from pipeline.linkage.explain.verdicts import next_step
from pipeline.linkage.explain.wording import figures, who_of
from pipeline.record_words import decimals

_REASONS: dict[str, str] = {
    "same_id": "one ID number and an agreeing name",
    "confirmed_apart": "two confirmed identities",
    "id_conflict": "one ID number, two people",
    "repaired_id": "the ID number agrees once repaired",
    "probabilistic": "the evidence together",
    "household": "the household tips it: one household number, or a member who is linked already",
    "two_numbers": "one name, birth date and home under two sound numbers",
    "held_name": "likely, but the names do not agree",
    "held_sex": "likely, but the sexes differ",
    "held_birth": "likely, but the birth dates differ",
    "held_twin": "likely, but the names are not the same, there is no number, and the rest a twin would share",
    "held_letter": "likely, but the names are not the same, and no number agrees, nor a birth date that counts",
    "held_town": "likely, but in another town, and no phone, account or household ties the two",
    "held_list": "likely, but the candidate stands in the same list already",
    "held_number": "likely, but the numbers differ by more than a slip, and nothing but the name agrees",
    "held_namesake": "likely, but somebody else of that name stands at the address as well",
    "through": "both were linked to a third record",
    "rival": "another record fits better, or as well",
    "below": "too little evidence, or a rival at least as strong",
}
# Wide enough for the longest record id; what is longer folds.
_WIDTH = 140


def explain_text(c: Compared) -> str:
    """Both records, field by field with level and weight, then the sum, the decision and the Chinese sentence.

    `^` under a character says that it differs. Weights are bits: 1 doubles the odds.
    """
    drawn = StringIO()
    console = Console(file=drawn, width=_WIDTH, color_system=None, legacy_windows=False)
    console.print(_records(c), _fields(c), _sums(c), sep="\n")
    console.print()
    console.print(Text(sentence(c)), soft_wrap=True)
    if step := next_step(c):
        console.print(Text(f"下一步：{step}。"), soft_wrap=True)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines()) + "\n"


def _records(c: Compared) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_row(Text("left"), Text(c.left_dataset), Text(c.left))
    table.add_row(Text("right"), Text(c.right_dataset), Text(c.right))
    return table


def _fields(c: Compared) -> Table:
    table = Table(box=SIMPLE, pad_edge=False)
    for heading in ("field", "left", "right", "level"):
        table.add_column(heading, overflow="fold")
    table.add_column("weight (bits)", justify="right")
    told = figures(c, 2)
    for f in c.fields:
        left, right = _values(f)
        weight = "" if f.level is None else _signed(told.fields[f.field])
        table.add_row(Text(f.field), left, right, Text(f.level or "no information"), Text(weight))
    return table


def _values(f: FieldCompared) -> tuple[Text, Text]:
    left, right = (_carets(value, of) for value, of in zip((f.left, f.right), marks(f), strict=True))
    for text, note in zip((left, right), f.notes, strict=True):
        text.append(f"\n（{note}）" if note else "")
    return left, right


def _carets(value: str | None, of: list[Mark]) -> Text:
    if value is None:
        return Text("-")
    line = "".join((" " if mark == "same" else "^") * cell_len(ch) for ch, mark in zip(value, of, strict=True)).rstrip()
    return Text(f"{value}\n{line}" if line else value)


def _sums(c: Compared) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()

    def row(name: str, value: str, about: str) -> None:
        table.add_row(Text(name), Text(value), Text(about))

    told = figures(c, 2)
    row("prior", _signed(told.prior), "log2 odds before any evidence")
    row("weights", _signed(told.weight), "their sum")
    row("total", _signed(told.total), "log2 odds, rivals not counted")
    if c.weighed:
        levels = ", ".join(f"{f} {level or 'no information'}" for f, level in c.weighed.levels.items())
        row("linked by", _signed(c.weighed.weight), "the link's own weights: all records of the two persons compared")
        row("its total", _signed(told.decided), "log2 odds with the prior, rivals not counted")
        if levels:
            row("", "", f"there: {levels}")
        for whose, records in (("of one: ", c.weighed.left), ("of the other: ", c.weighed.right)):
            if records:
                row("", "", whose + ", ".join(records))
    if c.probability is not None:
        near = 4 if c.link_at is None else decimals(c.probability, c.link_at) + 2  # on its side of the threshold
        shown = ">0.9999" if c.probability > 0.9999 else f"{c.probability:.{max(4, near)}f}"
        row("probability", shown, "rivals counted, except those who may be the same person")
    if c.runner_up is not None and told.runner_up is not None:
        row("runner-up", _signed(told.runner_up), f"its total; {c.own_weight - c.runner_up:+.2f} bits between the two")
        if c.rival:
            likely = "" if c.rival_chance is None else f"{c.rival_chance:.4f}"
            row("", likely, "; ".join([c.rival.record, *(v for v in who_of(c.rival, masked=False) if v)]))
    else:
        row("runner-up", "none", "the next one is, or may be, another record of the same person" if c.beside else "")
    row("tier", "-" if c.decision == "reject" and c.probability is None else c.tier, "")
    if c.third:
        row("third", "", c.third.record)
    if c.reason == "below" and c.probability is None:
        row("decision", "none", "not compared by linkage, or below 0.1 %: no decision about the two is on record")
    else:
        row("decision", c.decision, f"{c.reason}: {_REASONS[c.reason]}" if c.reason in _REASONS else c.reason)
    return table


def _signed(bits: float) -> str:
    return f"{bits:+.2f}"

"""Splink's settings for the population: comparisons, blocking, training. `Config`'s defaults are the ones that won.

What was tried, and its figures, stands in README.md; `python -m bench.linkage.tune` tries it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from splink import block_on
from splink.comparison_level_library import CustomLevel, ElseLevel, NullLevel
from splink.comparison_library import CustomComparison

_WIDE = (("id",), ("name_key", "birth_year"), ("mandarin", "town"), ("birth",))
_SMALL = (("id",), ("name_key", "birth"), ("mandarin", "town", "birth_year"), ("birth", "town", "sex"))
BLOCKING = {"wide": _WIDE, "wide_phone": (*_WIDE, ("phone",)), "small": _SMALL}


@dataclass(frozen=True)
class Config:
    """One way to set Splink up."""

    blocking: str = "wide"
    tf: float = 1.0  # weight of the term-frequency adjustment on equal names; 0 = none
    tf_surname: bool = False  # … and on equal surnames
    tf_sound: bool = True  # … and on equal sounds
    two_valid: bool = True  # two different sound numbers as a level of their own
    two_off: bool = False  # two digits off as a level of its own
    one_other: bool = False  # three characters and more, one of them another, as a level of its own
    u_id: float = 0.0  # u of equal numbers given instead of sampled; 0 = sampled
    address: bool = True  # equal address above equal village
    members: bool = False  # the sound numbers of the others in the household, as an array column
    case: bool = False  # bank account and household number, where the records have the bureau's (whole counties)
    max_pairs: float = 1e6  # random pairs for u
    em_third: bool = False  # a third block for EM: sound, town and year of birth
    recall: float = 0.9  # told to Splink for the rule 'equal number', from which it takes the prior


def rules(config: Config) -> list[Any]:
    case = [("account",), ("case_no",)] if config.case else []
    return [block_on(*columns) for columns in (*BLOCKING[config.blocking], *case)]


def training_rules(config: Config) -> list[Any]:
    """EM blocks: equal number (for all but the number), equal name and birth date (for the number)."""
    third = [("mandarin", "town", "birth_year")] if config.em_third else []
    return [block_on(*columns) for columns in (("id",), ("name_key", "birth"), *third)]


def comparisons(config: Config) -> list[Any]:
    place = [
        CustomLevel("town_l = town_r AND village_l = village_r", "village"),
        CustomLevel("town_l = town_r", "town"),
    ]
    if config.address:
        place.insert(0, CustomLevel("address_l = address_r", "address"))
    out = [
        _comparison("name", "name_key", _name_levels(config)),
        _comparison("id", "id", _id_levels(config)),
        _comparison("birth", "birth", _birth_levels()),
        _comparison("sex", "sex", [CustomLevel("sex_l = sex_r", "equal")]),
        _comparison("place", "town", place),
        _comparison("phone", "phone", [CustomLevel("phone_l = phone_r", "equal")]),
    ]
    if config.case:
        for column in ("account", "case_no"):
            out.append(_comparison(column, column, [CustomLevel(f"{column}_l = {column}_r", "equal")]))
    if config.members:
        nobody = "coalesce(len(household_ids_l), 0) = 0 OR coalesce(len(household_ids_r), 0) = 0"
        levels = [
            CustomLevel(nobody, "none").configure(is_null_level=True),
            CustomLevel("list_has_any(household_ids_l, household_ids_r)", "kin"),
            ElseLevel(),
        ]
        out.append(CustomComparison(levels, output_column_name="household_ids"))
    return out


def _comparison(name: str, column: str, levels: list[Any]) -> Any:
    return CustomComparison([NullLevel(column), *levels, ElseLevel()], output_column_name=name)


def _name_levels(config: Config) -> list[Any]:
    equal = CustomLevel("name_key_l = name_key_r", "equal")
    sound = CustomLevel("mandarin_l = mandarin_r OR cantonese_l = cantonese_r", "homophone")
    surname = CustomLevel("surname_l = surname_r", "surname")
    if config.tf:
        equal = equal.configure(tf_adjustment_column="name_key", tf_adjustment_weight=config.tf)
    if config.tf_sound:
        sound = sound.configure(tf_adjustment_column="mandarin", disable_tf_exact_match_detection=True)
    if config.tf_surname:
        surname = surname.configure(tf_adjustment_column="surname", disable_tf_exact_match_detection=True)
    wildcard = (
        "length(name_key_l) = length(name_key_r) AND "
        "((contains(name_key_l, '?') AND name_key_r LIKE replace(name_key_l, '?', '_')) OR "
        "(contains(name_key_r, '?') AND name_key_l LIKE replace(name_key_r, '?', '_')))"
    )
    one_more = (
        "abs(length(name_key_l) - length(name_key_r)) = 1 AND least(length(name_key_l), length(name_key_r)) >= 2 "
        "AND levenshtein(name_key_l, name_key_r) = 1"
    )
    one_other = (
        "length(name_key_l) = length(name_key_r) AND length(name_key_l) >= 3 "
        "AND levenshtein(name_key_l, name_key_r) = 1"
    )
    return [
        equal,
        CustomLevel(wildcard, "wildcard"),
        sound,
        CustomLevel("shape_l = shape_r", "lookalike"),
        CustomLevel(one_more, "one_more_or_less"),
        *([CustomLevel(one_other, "one_other")] if config.one_other else []),
        surname,
    ]


def _id_levels(config: Config) -> list[Any]:
    # Two numbers that both pass their check belong to two people, however alike they look.
    doubtful = "NOT (id_valid_l AND id_valid_r) AND length(id_l) = 18 AND length(id_r) = 18"
    distance = f"CASE WHEN {doubtful} THEN hamming(id_l, id_r) END"
    equal = CustomLevel("id_l = id_r AND NOT id_masked_l", "equal")
    if config.u_id:  # no sample of pairs is large enough to meet equal numbers of different people
        equal = equal.configure(u_probability=config.u_id, fix_u_probability=True)
    masked = (
        "(id_masked_l OR id_masked_r) AND length(id_l) = length(id_r) AND "
        "(id_l LIKE replace(id_r, '*', '_') OR id_r LIKE replace(id_l, '*', '_'))"
    )
    lost = "length(id_l) + length(id_r) IN (35, 37) AND levenshtein(id_l, id_r) = 1"
    unmasked = "NOT id_masked_l AND NOT id_masked_r"
    return [
        equal,
        *([CustomLevel("id_valid_l AND id_valid_r", "two_valid")] if config.two_valid else []),
        CustomLevel(f"{distance} = 1", "one_off"),
        CustomLevel(f"{distance} = 2 AND damerau_levenshtein(id_l, id_r) = 1", "swap"),
        CustomLevel(lost, "digit_lost_or_doubled"),
        CustomLevel(masked, "masked"),
        *([CustomLevel(f"{distance} = 2", "two_off")] if config.two_off else []),
        CustomLevel(f"{unmasked} AND substr(id_l, 1, 14) = substr(id_r, 1, 14)", "area_birth"),
    ]


def _birth_levels() -> list[Any]:
    swapped = "birth_year_l = birth_year_r AND month(birth_l) = day(birth_r) AND day(birth_l) = month(birth_r)"
    return [
        CustomLevel("birth_l = birth_r", "equal"),
        CustomLevel(swapped, "swapped"),
        CustomLevel("hamming(birth_text_l, birth_text_r) = 1", "one_digit"),
        CustomLevel("birth_year_l = birth_year_r", "same_year"),
    ]

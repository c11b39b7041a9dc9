"""Dated policy packs: every figure and list the rules read, with its clause and whether its text was read.

    pack = pack_for("2022-10", override=Path("ours.toml"))

A pack covers the months `valid_from` to `valid_to`; a month without a pack is an error, not a guess.
"""

from pipeline.policy.pack import Policy, pack_for

__all__ = ["Policy", "pack_for"]

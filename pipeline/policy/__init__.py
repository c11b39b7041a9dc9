"""Dated policy packs: every figure and list the rules read, with its clause and whether its text was read.

    pack = pack_for("2022-10", override=Path("ours.toml"))

A pack covers the months `valid_from` to `valid_to`; a month without a pack is an error, not a guess. A pack that says
`extends` inherits every figure of another and writes only what differs.
"""

from pipeline.policy.pack import Override, Policy, pack_for, policy_of
from pipeline.policy.packs import Pack, every_pack

__all__ = ["Override", "Pack", "Policy", "every_pack", "pack_for", "policy_of"]

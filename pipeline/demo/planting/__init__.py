"""What is planted in the demonstration county: positives and near-misses for every rule, one module a rule group."""

from pipeline.demo.planting import accounts, assets, care, ineligible, left_behind, missing, payment  # noqa: F401  (each registers its variants)
from pipeline.demo.planting.identities import choose_loud, plant_likenesses, renumber
from pipeline.demo.planting.registry import VARIANTS, Variant, plant_all

__all__ = ["VARIANTS", "Variant", "choose_loud", "plant_all", "plant_likenesses", "renumber"]

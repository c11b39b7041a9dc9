"""The demonstration county: made-up people and records with planted findings, as messy files with their truth.

make_county(Path("demo"), people=20_000, seed=1, month="2022-10")
"""

from pipeline.demo.county import make_county

__all__ = ["make_county"]

"""How an audit's findings, links and row accounts agree with the truth of a demonstration county.

    score(Path("out/2022-10"), Path("out/demo/truth")).text()

Findings that the rules leave open, or that hang on a link harder than an exact or repaired ID, count neither way
(`optional` in the truth); how many of the latter were found is told apart.
"""

from pipeline.score.compare import score
from pipeline.score.result import LinkScore, RuleScore, Score

__all__ = ["LinkScore", "RuleScore", "Score", "score"]

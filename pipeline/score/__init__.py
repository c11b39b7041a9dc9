"""How an audit's findings, links and row accounts agree with the truth of a demonstration county.

    result = score(Path("out/2022-10"), Path("out/demo/truth"))
    print(result.text()); result.save(Path("score.json"))

Findings that the rules leave open, or that hang on a link harder than an exact or repaired ID, count neither way
(`optional` in the truth); how many of the latter were found is told apart.
"""

from pipeline.score.compare import score
from pipeline.score.gaps import GapScore
from pipeline.score.links import LinksScore
from pipeline.score.result import RuleScore, Score
from pipeline.score.shares import Agreement, Share

__all__ = ["Agreement", "GapScore", "LinksScore", "RuleScore", "Score", "Share", "score"]

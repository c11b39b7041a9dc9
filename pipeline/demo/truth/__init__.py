"""The demonstration county's truth: who each record is, which pairs link, and what every rule must find.

Findings are computed by an independent plain reading of the rules over the typed rows as they stand in the files, at
four levels of what linkage can see; a finding's hardness is the level from which on it holds.
"""

from pipeline.demo.truth.write import write_truth

__all__ = ["write_truth"]

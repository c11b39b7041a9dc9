"""`python -m bench.fuzz_coverage KIND N`: N inputs of KIND (text, settings, policy), chosen by the code they reach.

Needs atheris (`pip install atheris`: wheels for Linux), which is no dependency of the project, and the tests' folder on
the path: PYTHONPATH=.:tests. An input that a judge does not stand is written to the folder it is run in, and ends it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import atheris

with atheris.instrument_imports(include=["pipeline", "tomllib"]):
    from support import fuzz

_JUDGES: dict[str, tuple[Callable[[bytes], Any], bytes]] = {
    "text": (lambda data: fuzz.judge_file(data, "死亡.csv"), fuzz.TEXTS[0]),
    "settings": (fuzz.judge_settings, fuzz.SETTINGS.encode()),
    "policy": (fuzz.judge_policy, fuzz.POLICY.encode()),
}


def main() -> None:
    judge, good = _JUDGES[sys.argv[1]]

    def one(data: bytes) -> None:
        # half of them grow out of a good one
        judge(data if len(data) % 2 else good[: len(good) // 2] + data + good[len(good) // 2 :])

    atheris.Setup([sys.argv[0], f"-runs={sys.argv[2]}", "-max_len=2000", "-timeout=60", "-print_final_stats=1"], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

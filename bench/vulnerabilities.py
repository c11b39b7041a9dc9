"""`python -m bench.vulnerabilities PIP_AUDIT`: what is known against the versions in requirements.lock.

pip-audit says "no known vulnerabilities" also of packages that it could not ask about. Here they count as not examined:
0 = all examined and nothing known, 1 = something known, 3 = not examined, wholly or in part.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"


def judged(answer: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit code and lines from pip-audit's JSON."""
    packages = answer.get("dependencies", [])
    skipped = [p["name"] for p in packages if "skip_reason" in p]
    known = [
        f"{p['name']} {p['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version yet'}"
        for p in packages for v in p.get("vulns", ())
    ]  # fmt: skip
    lines = known + ([f"not examined: {len(skipped)} packages, among them {', '.join(skipped[:5])}"] if skipped else [])
    if not packages:
        lines.append("not examined: no package was asked about")
    lines.append(f"{len(packages) - len(skipped)} of {len(packages)} packages examined, {len(known)} findings")
    return (1 if known else 3 if skipped or not packages else 0), lines


def main() -> None:
    command = [
        sys.argv[1],
        "--requirement",
        str(LOCK),
        "--disable-pip",
        "--format",
        "json",
        "--progress-spinner",
        "off",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        code, lines = judged(json.loads(ended.stdout))
    except ValueError:
        last = ended.stderr.strip().splitlines()[-1:] or ["no answer"]
        code, lines = 3, [f"not examined: the database of known vulnerabilities cannot be reached ({last[0][:200]})"]
    print("\n".join(lines))
    sys.exit(code)


if __name__ == "__main__":
    main()

"""What Great Expectations imports for nothing waits until it is asked for, and is then what it always was."""

from __future__ import annotations

import subprocess
import sys

from checks.later import later


def _told(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_module_put_off_comes_when_something_of_it_is_used() -> None:
    told = _told(
        "import sys\n"
        "from checks.later import later\n"
        "with later('xml.dom.minidom'):\n"
        "    import xml.dom.minidom\n"
        "    from xml.dom import minidom\n"
        "print('xml.dom.minidom' in sys.modules)\n"
        "print(minidom.parseString('<a/>').documentElement.tagName)\n"
        "import xml.dom.minidom as again\n"
        "print(type(again).__name__, again.parseString is minidom.parseString)\n"
    )
    assert told == ["False", "a", "module", "True"]


def test_a_module_that_is_there_stays() -> None:
    import json

    with later("json"):
        import json as inside
    assert inside is json is sys.modules["json"]


def test_a_suite_is_judged_without_what_was_put_off() -> None:
    told = _told(
        "import sys, checks.validation\nfrom checks.validation import gxe\n"
        "print(sum(m in sys.modules for m in ('scipy.stats', 'altair')), gxe.ExpectColumnValuesToNotBeNull.__name__)\n"
    )
    assert told == ["0", "ExpectColumnValuesToNotBeNull"]

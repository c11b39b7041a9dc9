"""TOML and JSON that people hand in: whatever is wrong with a text is one kind of error, which every caller expects.

The readers of Python's library end otherwise at brackets in brackets in brackets, and at numbers of a thousand digits.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

_DEEP, _LONG = "brackets are nested too deep", "a value is too long, or is no such value"


def toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text. tomllib.TOMLDecodeError for anything else."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise tomllib.TOMLDecodeError(_DEEP) from error
    except ValueError as error:
        raise tomllib.TOMLDecodeError(_LONG) from error


def json_of(text: str) -> Any:
    """The value of a JSON text. json.JSONDecodeError for anything else."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except RecursionError as error:
        raise json.JSONDecodeError(_DEEP, text, 0) from error
    except ValueError as error:
        raise json.JSONDecodeError(_LONG, text, 0) from error

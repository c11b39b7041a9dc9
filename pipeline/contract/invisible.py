"""Characters that nobody sees and that tell equal names and numbers apart, or turn the text beside them around.

Zero-width and bidirectional marks, variation selectors, tags, fillers, and control characters but for white space.
"""

from __future__ import annotations

import re

# (first, last) code point of each run
_RUNS = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB),
    (0xE0000, 0xE0FFF),
)  # fmt: skip

# What stands in a character class: of Python's patterns, and of those that Polars and DuckDB take.
CLASS = "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in _RUNS)
RUST_CLASS = "".join(f"\\x{{{a:x}}}-\\x{{{b:x}}}" for a, b in _RUNS)
_ANY = re.compile(f"[{CLASS}]")


def visible(text: str) -> str:
    """The text without them."""
    return _ANY.sub("", text)

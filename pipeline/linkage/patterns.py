"""A pair's levels as `links` writes them, read again."""

from __future__ import annotations


def pattern_levels(pattern: str | None) -> dict[str, str | None]:
    """'name=equal id=one_off birth=unknown' → field → level, None = no information."""
    pieces = (piece.partition("=") for piece in (pattern or "").split() if "=" in piece)
    return {field: None if level in ("", "unknown", "null") else level for field, _, level in pieces}

"""The one tree of errors. A message says what is wrong, where (file, sheet, row, column) and what to do."""

from __future__ import annotations

import re


class AuditError(Exception):
    """Base of all errors the program raises on purpose. Exit code 1 unless a subclass says otherwise."""

    exit_code = 1


def panicked(error: BaseException) -> bool:
    """Whether a library written in Rust gave up on a thing it did not foresee; such errors are no `Exception`."""
    return type(error).__name__ == "PanicException"


class BadInput(AuditError):
    """The analyst's files, settings or arguments cannot be used; nothing has been written. Exit code 2.

    Parts that are known are shown in one line, in this order: file, sheet, row, column, then what and remedy.
    A message never holds a name, an ID number or an account: only where to look.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.what, self.file, self.sheet, self.row, self.column, self.remedy = what, file, sheet, row, column, remedy
        place = [
            f"{label} {value}"
            for label, value in (("file", file), ("sheet", sheet), ("row", row), ("column", column))
            if value not in (None, "")
        ]
        what = _shown(what)
        text = f"{_shown(', '.join(place))}: {what}" if place else what
        super().__init__(f"{text} — {_shown(remedy)}" if remedy else text)


_LONGEST = 1200  # characters of a part of a message
# Names of files and sheets and keys of settings may hold what moves a terminal's cursor or turns its text around.
_UNSEEMLY = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def _shown(text: str) -> str:
    """A part of a message on one line, as it can be shown on a terminal."""
    return _UNSEEMLY.sub(" ", text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


class Held(BadInput):
    """Another program has the file open: the same may work a moment later."""

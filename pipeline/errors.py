"""The one tree of errors. A message says what is wrong, where (file, sheet, row, column) and what to do."""

from __future__ import annotations


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
        text = f"{', '.join(place)}: {what}" if place else what
        super().__init__(f"{text} — {remedy}" if remedy else text)


class Held(BadInput):
    """Another program has the file open: the same may work a moment later."""

"""A workbook opened by LibreOffice itself. Run by whatever Python has LibreOffice's bridge (UNO), in its own process.

    python office.py PIPE WORKBOOK PDF PASSWORD …

tries one password after the other at an office that listens on PIPE, and prints a line of JSON for each: null where it
refuses, else the sheets' names and what the first cell says. What opens is printed to PDF; the office ends.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import IllegalArgumentException


def main() -> None:
    pipe, workbook, pdf, *passwords = sys.argv[1:]
    desktop = _desktop(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
    for password in passwords:
        sys.stdout.write(json.dumps(_opened(desktop, workbook, pdf, password)) + "\n")
    desktop.terminate()


def _desktop(address: str) -> Any:
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(600):
        try:
            context = resolver.resolve(address)
        except NoConnectException:
            time.sleep(0.2)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    raise TimeoutError("the office did not start")


def _opened(desktop: Any, workbook: str, pdf: str, password: str) -> dict[str, Any] | None:
    how = (_property("Hidden", True), _property("Password", password))
    try:
        document = desktop.loadComponentFromURL(uno.systemPathToFileUrl(workbook), "_blank", 0, how)
    except IllegalArgumentException:
        return None
    if document is None:
        return None
    document.storeToURL(uno.systemPathToFileUrl(pdf), (_property("FilterName", "calc_pdf_Export"),))
    first = document.Sheets.getByIndex(0).getCellByPosition(0, 0).String
    told = {"sheets": list(document.Sheets.ElementNames), "first": first}
    document.close(True)
    return told


def _property(name: str, value: Any) -> Any:
    made = PropertyValue()
    made.Name, made.Value = name, value
    return made


if __name__ == "__main__":
    main()

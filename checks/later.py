"""Libraries that Great Expectations imports for what is not asked of it here: imported when it asks for them after all.

SciPy's distributions and Altair, of use to three of its expectations, are a third of its start.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """Stands for the module of its name. (Python 3.11's own LazyLoader imports as soon as a second module asks.)"""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks of every module
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def later(*names: str) -> Iterator[None]:
    """Whoever imports one of these modules while this lasts gets it when something of it is first used.

    A module that is there already stays as it is; afterwards an import is an import again.
    """
    put_off = [_Later(name) for name in names if name not in sys.modules]
    sys.modules.update((module.__name__, module) for module in put_off)
    try:
        yield
    finally:
        for module in put_off:
            if sys.modules.get(module.__name__) is module:
                del sys.modules[module.__name__]

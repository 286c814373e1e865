"""What the dataclasses of this package have in common."""

from __future__ import annotations

import functools
from dataclasses import fields
from typing import Any, TypeVar

_Kind = TypeVar("_Kind")


def lists_its_fields(kind: type[_Kind]) -> type[_Kind]:
    """Makes a dataclass name its fields in the error about an unknown argument."""
    names = [one.name for one in fields(kind)]  # type: ignore[arg-type]
    init = kind.__init__

    @functools.wraps(init)
    def checked(self: Any, *args: Any, **kwargs: Any) -> None:
        for name in kwargs:
            if name not in names:
                raise TypeError(f"{kind.__name__}() has no argument {name!r}; it has {', '.join(names)}")
        init(self, *args, **kwargs)

    setattr(kind, "__init__", checked)
    return kind

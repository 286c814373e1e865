"""Checks of the values that a program gives. Each message says what would be right."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from .exceptions import VastConfigValidationError

_Kind = TypeVar("_Kind")
_Name = TypeVar("_Name", bound=Enum)

#: The largest count that the native module takes.
_MOST = 2**32 - 1


def as_dict(name: str, value: Any, *, is_required: bool = False) -> dict[str, Any]:
    """A copy of a dict; an empty one for ``None``, if none is required."""
    if value is None and not is_required:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, got {type(value).__name__}")
    return dict(value)


def as_list(name: str, value: Any) -> list[Any]:
    """A copy of a list. A text is not a list, although it can be iterated over."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{name} must be a list of sources, got {type(value).__name__}")
    return list(value)


def instance_of(kind: type[_Kind], name: str, value: Any) -> _Kind:
    """The value, if it is of this class."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__}, got {type(value).__name__}")
    return value


def seconds(name: str, value: Any) -> float:
    """A number of seconds, of which infinity is one."""
    number = _number(value)
    if number is None or not number >= 0:
        raise _wrong(name, value, "a number of seconds from 0")
    return number


def count(name: str, value: Any) -> int:
    """A whole number from 0."""
    number = _number(value)
    if number is None or not 0 <= number <= _MOST or number != int(number):
        raise _wrong(name, value, f"a whole number from 0 to {_MOST}")
    return int(number)


def size(name: str, value: Any) -> tuple[int, int]:
    """A width and a height in pixels."""
    try:
        width, height = value
    except (TypeError, ValueError):
        raise _wrong(name, value, "a pair of width and height such as (1920, 1080)") from None
    return count(name, width), count(name, height)


def member(kind: type[_Name], name: str, value: Any) -> str:
    """The value of a member of an enum, which is given itself or by its value."""
    try:
        return str(kind(value).value)
    except ValueError:
        known = " or ".join(repr(one.value) for one in kind)
        raise _wrong(name, value, known) from None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _wrong(name: str, value: Any, right: str) -> VastConfigValidationError:
    return VastConfigValidationError(f"{name} is {reprlib.repr(value)}; {right} would be right", name, value)

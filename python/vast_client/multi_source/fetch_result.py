"""The answer to a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .._fields import lists_its_fields

if TYPE_CHECKING:
    from .. import _native


@lists_its_fields
@dataclass
class FetchResult:
    """The answer to a request. ``errors`` has every failure, also of sources that were asked before the one that won.

    ``raw_response``, ``parsed_data`` and ``metadata`` are made when they are read for the first time.
    """

    success: bool = False
    source_url: str | None = None
    raw_response: str = ""
    parsed_data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._answer: _native.Answer | None = None
        self._dict: dict[str, Any] | None = None
        self._explanation: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The result as the JSON that ``vast request --format json`` prints."""
        if self._dict is None:
            empty: dict[str, Any] = {"schema": 1, "success": self.success}
            empty.update(sources=[], candidates=[], errors=list(self.errors), metadata=dict(self.metadata))
            self._dict = self._answer.to_dict() if self._answer is not None else empty
        return self._dict

    @property
    def sources(self) -> list[dict[str, Any]]:
        """Every source with its outcome, in configured order."""
        return list(self.to_dict()["sources"])

    @property
    def candidates(self) -> list[dict[str, Any]]:
        """Every ad that was checked, with the reason if it is not in the answer."""
        return list(self.to_dict()["candidates"])

    @property
    def ads(self) -> list[dict[str, Any]]:
        """The ads of the answer in order of play, with the trackers of all their wrappers."""
        return list((self.to_dict().get("parsed_data") or {}).get("ads", []))

    def explanation(self) -> str:
        """The text of ``vast_client.explain``."""
        if self._answer is not None:
            return self._answer.explain()
        if self._explanation is not None:
            return self._explanation
        return "\n".join(["no request was sent", *(f"{one.get('source')}: {one['error']}" for one in self.errors)])

    def __getstate__(self) -> dict[str, Any]:
        """The values of a copy, which can be stored: it has all but the native answer, so it cannot be tracked."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**values, "_answer": None, "_dict": self.to_dict(), "_explanation": self.explanation()}


class _MadeAtFirstRead:
    """A field of a result that is made of the native answer. Python asks here only while the result has no value of its own."""

    def __init__(self, name: str, default: Any, make: Callable[[_native.Answer], Any]) -> None:
        self._name, self._default, self._make = name, default, make

    def __get__(self, result: FetchResult | None, _: type[FetchResult]) -> Any:
        if result is None or result._answer is None:
            return self._default
        value = result.__dict__[self._name] = self._make(result._answer)
        return value


setattr(FetchResult, "raw_response", _MadeAtFirstRead("raw_response", "", lambda answer: answer.raw()))
setattr(FetchResult, "parsed_data", _MadeAtFirstRead("parsed_data", None, lambda answer: answer.parsed()))
setattr(FetchResult, "metadata", _MadeAtFirstRead("metadata", None, lambda answer: answer.metadata()))


def result_of_answer(answer: _native.Answer, source_url: str | None, errors: list[dict[str, Any]]) -> FetchResult:
    """The result of a request, whose other values are made when they are read."""
    result = FetchResult.__new__(FetchResult)
    result.success, result.source_url, result.errors = answer.success, source_url, errors
    result.__post_init__()
    result._answer = answer
    return result

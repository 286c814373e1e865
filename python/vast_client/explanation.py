"""Why a result is what it is, as text for people."""

from __future__ import annotations

from .multi_source.fetch_config import FetchResult


def explain(result: FetchResult) -> str:
    """How the request ended and why, what happened when, the verdict on each ad, the limits that fired and the trackers that are due."""
    if not isinstance(result, FetchResult):
        raise TypeError(f"explain takes a FetchResult, got {type(result).__name__}")
    if result._answer is None:
        return "\n".join(["no request was sent", *(f"{error.get('source')}: {error['error']}" for error in result.errors)])
    return result._answer.explain()


__all__ = ["explain"]

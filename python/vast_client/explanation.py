"""Why a result is what it is, as text for people."""

from __future__ import annotations

from ._checks import instance_of
from .multi_source.fetch_result import FetchResult


def explain(result: FetchResult) -> str:
    """How the request ended and why, what happened when, the verdict on each ad, the limits that fired and the trackers that are due."""
    return instance_of(FetchResult, "result", result).explanation()

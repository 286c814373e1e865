"""Values that programs read from parsed data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .tracker import events_of


def extract_creative_id(vast_data: Mapping[str, Any]) -> str | None:
    """The id of the creative, else its ``adId``."""
    creative = vast_data.get("creative") or {}
    found = creative.get("id") or creative.get("ad_id")
    return None if found is None else str(found)


def prepare_tracking_events(vast_data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The URLs by event, with ``impression`` and ``error``."""
    return events_of(vast_data)


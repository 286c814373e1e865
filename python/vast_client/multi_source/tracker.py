"""The trackers of parsed data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..tracker import VastTracker, events_of


class MultiSourceTracker:
    """Calls the trackers of parsed data. ``http_client`` sends them; ``get_tracking_http_client()`` is the native client."""

    def __init__(
        self,
        vast_data: Mapping[str, Any],
        http_client: Any,
        creative_id: str | None = None,
        embed_client: Any = None,
    ) -> None:
        self.vast_data = vast_data
        self.http_client = http_client
        self.creative_id = creative_id
        self.tracker = VastTracker(events_of(vast_data), http_client, embed_client, creative_id)

    async def track_impression(self) -> dict[str, Any]:
        """Calls the impression trackers."""
        return await self.tracker.track_event("impression")

    async def track_event(self, event_type: str) -> dict[str, Any]:
        """Calls the trackers of an event."""
        return await self.tracker.track_event(event_type)

    def get_tracking_events(self) -> dict[str, list[str]]:
        """The URLs by event, with ``impression`` and ``error``."""
        return {event: list(urls) for event, urls in self.tracker.events.items()}

    def has_event(self, event_type: str) -> bool:
        """Whether the event has a tracker."""
        return bool(self.tracker.events.get(event_type))


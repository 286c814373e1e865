"""The trackers of one ad."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import Any

from . import _native
from ._checks import as_dict, instance_of
from ._pipeline import Pipeline, default_pipeline
from ._settings import is_plain, text
from .config import VastTrackerConfig
from .http_client_manager import NATIVE


def events_of(vast_data: Mapping[str, Any]) -> dict[str, list[str]]:
    """The URLs of parsed data by event, with ``impression`` and ``error``."""
    data = as_dict("vast_data", vast_data, is_required=True)
    events = {name: list(urls) for name, urls in (data.get("tracking_events") or {}).items()}
    for name in ("impression", "error"):
        urls = list(data.get(name) or [])
        if urls:
            events[name] = urls
    return events


class VastTracker:
    """Calls trackers. They wait in an outbox, so ``track_event`` returns as soon as they are stored there.

    ``client`` sends the requests instead, one after the other, if it is not the native client. Of ``ad_request``, trackers get the
    values that ``config.macro_mapping`` names. ``context`` has no effect: there is no context of the process.
    """

    def __init__(
        self,
        tracking_events: Mapping[str, Any],
        client: Any = None,
        embed_client: Any = None,
        creative_id: str | None = None,
        config: VastTrackerConfig | None = None,
        context: Any = None,
        ad_request: Mapping[str, Any] | None = None,
        *,
        pipeline: Pipeline | None = None,
        answer: _native.Answer | None = None,
        named: str | None = None,
    ) -> None:
        self.events: dict[str, list[str]] = {
            str(name): [urls] if isinstance(urls, str) else [str(url) for url in urls or ()]
            for name, urls in as_dict("tracking_events", tracking_events, is_required=True).items()
        }
        self.client = client
        self.embed_client = embed_client
        self.creative_id = creative_id
        self.config = instance_of(VastTrackerConfig, "config", config) if config is not None else VastTrackerConfig()
        self.context = context
        self.ad_request = as_dict("ad_request", ad_request)
        self.logger = logging.getLogger("vast_client.tracker")
        self._pipeline = pipeline
        self._answer = answer
        self._named = named
        self._group = uuid.uuid4().hex

    async def track_event(self, event: str, macros: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Calls the trackers of an event. ``macros`` are filled in in all forms and percent-encoded.

        Returns the event, the number of trackers that the outbox took, and their URLs. An impression of an answer counts once.
        """
        if not isinstance(event, str):
            raise TypeError(f"an event must be a str such as 'start', got {type(event).__name__}")
        values = self._macros(macros)
        if self.client is not None and self.client is not NATIVE:
            return await self._send(event, values)
        pipeline = self._pipeline if self._pipeline is not None else default_pipeline()
        if self._answer is not None:
            return await pipeline.track(event, answer=self._answer, macros=values)
        urls = self.events.get(event, [])
        return await pipeline.track(event, urls=urls, macros=values, group=self._group, named=self._named)

    def has_event(self, event: str) -> bool:
        """Whether the event has a tracker."""
        return bool(self.events.get(event))

    def _macros(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        macros: dict[str, Any] = dict(self.config.static_macros)
        for name, macro in self.config.macro_mapping.items():
            if is_plain(self.ad_request.get(name)):
                macros[macro] = self.ad_request[name]
        if self.creative_id is not None:
            macros["CREATIVE_ID"] = self.creative_id
        macros.update(as_dict("macros", given))
        return macros

    async def _send(self, event: str, macros: Mapping[str, Any]) -> dict[str, Any]:
        values = [(str(name), text(value)) for name, value in macros.items()]
        urls = [_native.expand_url(url, values) for url in self.events.get(event, [])]
        sent = 0
        for url in urls:
            try:
                response = await self.client.get(url, timeout=self.config.timeout)
                response.raise_for_status()
                sent += 1
            except Exception as error:
                self.logger.warning("a tracker of %s failed: %s", event, error)
        return {"event": event, "queued": 0, "sent": sent, "failed": len(urls) - sent, "urls": urls}


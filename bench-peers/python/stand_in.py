"""A stand-in for the described Python client, written along its description: httpx gets the document, lxml reads it.

One request: GET with a timeout, status check, XML with recovery, the same parsed data, filter, result. It follows no wrapper and calls no
tracker, so it does less than the pipelines that it is compared with.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import httpx
from lxml import etree


@dataclass
class Result:
    success: bool = False
    source_url: str | None = None
    raw_response: str = ""
    parsed_data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)


def parse(text: str) -> dict[str, Any]:
    root = etree.fromstring(text.encode(), parser=etree.XMLParser(recover=True, encoding="utf-8"))

    def texts(path: str) -> list[str]:
        return [one.text.strip() for one in root.findall(path) if one.text]

    files = [
        {"url": one.text, **{name: one.get(name) for name in ("delivery", "type", "width", "height", "bitrate")}}
        for one in root.findall(".//MediaFile")
        if one.text
    ]
    events: dict[str, list[str]] = {}
    for one in root.findall(".//Tracking"):
        if one.get("event") and one.text:
            events.setdefault(one.get("event"), []).append(one.text.strip())
    creative = root.find(".//Creative")
    duration = root.findtext(".//Duration")
    hours, minutes, seconds = (duration or "0:0:0").split(":")
    extensions = {}
    for one in root.findall(".//Extensions/Extension"):
        if one.get("type"):
            extensions[one.get("type")] = {child.tag: child.text for child in one}
    return {
        "vast_version": root.get("version"),
        "ad_system": root.findtext(".//AdSystem"),
        "ad_title": root.findtext(".//AdTitle"),
        "impression": texts(".//Impression"),
        "error": texts(".//Error"),
        "creative": {} if creative is None else {"id": creative.get("id"), "ad_id": creative.get("adId")},
        "media_files": files,
        "media_url": files[0]["url"] if files else None,
        "tracking_events": events,
        "extensions": extensions,
        "duration": int(hours) * 3600 + int(minutes) * 60 + int(float(seconds)) if duration else None,
    }


class StandIn:
    """Asks all sources at the same time and waits for all, as the description's parallel mode does."""

    def __init__(self) -> None:
        self.client = httpx.AsyncClient(timeout=10.0, limits=httpx.Limits(max_connections=1000, max_keepalive_connections=1000))

    async def fetch(self, url: str) -> str:
        response = await asyncio.wait_for(self.client.get(url), 10.0)
        response.raise_for_status()
        return response.text

    async def execute_pipeline(self, sources: list[str]) -> Result:
        texts = await asyncio.gather(*(self.fetch(url) for url in sources), return_exceptions=True)
        result = Result()
        for url, text in zip(sources, texts):
            if isinstance(text, BaseException):
                result.errors.append({"source": url, "error": str(text)})
            elif not result.success:
                result.success, result.source_url, result.raw_response = True, url, text
                result.parsed_data = parse(text)
        return result

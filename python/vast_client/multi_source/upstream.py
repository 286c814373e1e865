"""Sources of VAST documents as objects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Protocol, runtime_checkable

from .._checks import as_dict, instance_of


@runtime_checkable
class VastUpstream(Protocol):
    """A source: any object with these two methods."""

    async def fetch(
        self, extra_params: dict[str, Any] | None = None, extra_headers: dict[str, str] | None = None
    ) -> str:
        """The document."""
        ...

    def get_identifier(self) -> str:
        """The name of the source in results."""
        ...


_FetchText = Callable[["HttpUpstream", dict[str, Any] | None, dict[str, str] | None], Awaitable[str]]


class BaseUpstream:
    """A base for sources that a program writes."""

    async def fetch(
        self, extra_params: dict[str, Any] | None = None, extra_headers: dict[str, str] | None = None
    ) -> str:
        """The document."""
        raise NotImplementedError(f"{type(self).__name__} has no method fetch")

    def get_identifier(self) -> str:
        """The name of the source in results."""
        return str(self)


class HttpUpstream(BaseUpstream):
    """An ad tag. ``encoding_config`` has ``False`` for each parameter whose value is sent without percent-encoding.

    ``http_client`` sends the request instead of the native client.
    """

    #: Asks with the whole pipeline, which stands above this module, so ``fetcher`` gives it to this class.
    _fetch_text: ClassVar[_FetchText]

    def __init__(
        self,
        base_url: str,
        base_params: dict[str, Any] | None = None,
        base_headers: dict[str, str] | None = None,
        encoding_config: dict[str, bool] | None = None,
        http_client: Any = None,
        timeout: float = 10.0,
    ) -> None:
        self.base_url = instance_of(str, "the URL of a source", base_url)
        self.base_params = as_dict("params", base_params)
        self.base_headers: dict[str, str] = as_dict("headers", base_headers)
        self.encoding_config: dict[str, bool] = as_dict("encoding_config", encoding_config)
        self.http_client = http_client
        self.timeout = timeout

    async def fetch(
        self, extra_params: dict[str, Any] | None = None, extra_headers: dict[str, str] | None = None
    ) -> str:
        """The text of the answer. Raises ``VastHTTPError`` for an HTTP error."""
        return await HttpUpstream._fetch_text(self, extra_params, extra_headers)

    def get_identifier(self) -> str:
        return self.base_url


class LocalFileUpstream(BaseUpstream):
    """A file."""

    def __init__(self, file_path: Any) -> None:
        self.file_path = file_path

    async def fetch(
        self, extra_params: dict[str, Any] | None = None, extra_headers: dict[str, str] | None = None
    ) -> str:
        def read() -> str:
            with open(self.file_path, encoding="utf-8") as file:
                return file.read()

        return await asyncio.to_thread(read)

    def get_identifier(self) -> str:
        return f"file://{self.file_path}"


class MockUpstream(BaseUpstream):
    """A document given as text, after a delay in seconds."""

    def __init__(self, vast_xml: str, delay: float = 0.0) -> None:
        self.vast_xml = vast_xml
        self.delay = delay

    async def fetch(
        self, extra_params: dict[str, Any] | None = None, extra_headers: dict[str, str] | None = None
    ) -> str:
        if self.delay > 0:
            await asyncio.sleep(self.delay)
        return self.vast_xml

    def get_identifier(self) -> str:
        return "mock://vast"


def create_upstream(source: Any) -> Any:
    """The source of a URL or a dict; an object with ``fetch`` as it is.

    Raises ``ValueError`` for a dict without a URL and ``TypeError`` for anything else.
    """
    if callable(getattr(source, "fetch", None)):
        return source
    if isinstance(source, str):
        return HttpUpstream(source)
    if isinstance(source, dict):
        url = source.get("base_url") or source.get("url")
        if not url:
            raise ValueError(f"Dict source must have 'base_url' or 'url' key: {sorted(map(str, source))}")
        return HttpUpstream(
            url,
            source.get("params"),
            source.get("headers"),
            source.get("encoding_config"),
            timeout=source.get("timeout", 10.0),
        )
    raise TypeError(f"Source must be str, dict, or VastUpstream, got {type(source).__name__}")


"""The HTTP clients of a request.

By default both functions return ``NATIVE``: the native client sends the requests. A program or a test replaces the functions where
they are used (``vast_client.client``, ``vast_client.multi_source.orchestrator``) by ones that return another client with an
awaitable ``get(url, headers=..., timeout=...)``, such as ``httpx.AsyncClient``.
"""

from __future__ import annotations

from typing import Any


class NativeHttpClient:
    """Stands for the native client. It has no methods."""

    def __repr__(self) -> str:
        return "<the native HTTP client of vast_client>"


NATIVE = NativeHttpClient()


def get_main_http_client(ssl_verify: bool | str = True) -> Any:
    """The client for ad requests. ``ssl_verify`` is a setting of ``VastClient`` and has no effect here."""
    return NATIVE


def get_tracking_http_client(ssl_verify: bool | str = True) -> Any:
    """The client for trackers. ``ssl_verify`` is a setting of ``VastClient`` and has no effect here."""
    return NATIVE


"""The exceptions. Every one is a ``VastException``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .multi_source.fetch_config import FetchResult

#: How much of a document or URL an exception keeps.
_PREVIEW = 200


class VastException(Exception):
    """The base of all exceptions. ``context`` has details by name; they are part of the text."""

    def __init__(self, message: str, context: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.context: dict[str, Any] = dict(context or {})

    def __str__(self) -> str:
        details = "; ".join(f"{name}={value}" for name, value in self.context.items())
        return f"{self.message} ({details})" if details else self.message


def _with(context: dict[str, Any] | None, **details: Any) -> dict[str, Any]:
    known = {name: value for name, value in details.items() if value is not None}
    return {**(context or {}), **known}


class VastParseError(VastException):
    """A document cannot be read."""


class VastXMLError(VastParseError):
    """A document is not well-formed XML, or not VAST."""

    def __init__(
        self,
        message: str,
        xml_preview: str | None = None,
        parser_error: Exception | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        preview = xml_preview[:_PREVIEW] if xml_preview else None
        super().__init__(message, _with(context, xml_preview=preview))
        self.xml_preview = xml_preview
        self.parser_error = parser_error


class VastElementError(VastParseError):
    """An element cannot be converted."""

    def __init__(
        self,
        message: str,
        element_tag: str | None = None,
        operation: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, _with(context, element_tag=element_tag, operation=operation))
        self.element_tag = element_tag
        self.operation = operation


class VastExtensionError(VastParseError):
    """An extension cannot be converted."""

    def __init__(
        self,
        message: str,
        extension_type: str | None = None,
        field_name: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, _with(context, extension_type=extension_type, field_name=field_name))
        self.extension_type = extension_type
        self.field_name = field_name


class VastDurationError(VastParseError):
    """A duration is not ``HH:MM:SS``."""

    def __init__(
        self, message: str, duration_text: str | None = None, context: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, _with(context, duration_text=duration_text))
        self.duration_text = duration_text


class VastTrackingError(VastException):
    """A tracker cannot be called."""


class VastTrackingURLError(VastTrackingError):
    """The URL of a tracker is wrong."""

    def __init__(
        self,
        message: str,
        url: str | None = None,
        url_type: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, _with(context, url=url[:_PREVIEW] if url else None, url_type=url_type))
        self.url = url
        self.url_type = url_type


class VastTrackingNetworkError(VastTrackingError):
    """A tracker did not answer."""

    def __init__(
        self,
        message: str,
        http_status: int | None = None,
        network_error: Exception | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, _with(context, http_status=http_status))
        self.http_status = http_status
        self.network_error = network_error


class VastConfigError(VastException):
    """The configuration is wrong."""


class VastConfigValidationError(VastConfigError, ValueError):
    """A setting has a wrong value."""

    def __init__(
        self,
        message: str,
        config_key: str | None = None,
        config_value: Any = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        value = None if config_value is None else str(config_value)[:_PREVIEW]
        super().__init__(message, _with(context, config_key=config_key, config_value=value))
        self.config_key = config_key
        self.config_value = config_value


class VastConfigNotFoundError(VastConfigError):
    """A required setting is missing."""

    def __init__(
        self, message: str, config_key: str | None = None, context: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, _with(context, config_key=config_key))
        self.config_key = config_key


class VastHTTPError(VastException):
    """A request failed: the connection, or an HTTP status."""


class VastHTTPTimeoutError(VastHTTPError):
    """A request took too long."""

    def __init__(
        self,
        message: str,
        timeout: float | None = None,
        operation: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, _with(context, timeout=timeout, operation=operation))
        self.timeout = timeout
        self.operation = operation


class VastHTTPSSLError(VastHTTPError):
    """The certificate of a server is not accepted."""

    def __init__(
        self,
        message: str,
        url: str | None = None,
        ssl_error: Exception | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, _with(context, url=url[:_PREVIEW] if url else None))
        self.url = url
        self.ssl_error = ssl_error


class VastAllSourcesFailed(VastException):
    """No source and no fallback had a usable ad. ``result`` has the outcome of each of them."""

    def __init__(self, message: str, result: FetchResult) -> None:
        super().__init__(message)
        self.result = result


def http_failure(kind: str, message: str, *, url: str, status: int | None, timeout: float) -> VastHTTPError:
    """The exception for a failed request.

    A program that catches the exceptions of httpx has imported it. The exception is then one of httpx too, so that
    ``except httpx.HTTPStatusError`` goes on working.
    """
    httpx: Any = sys.modules.get("httpx")
    own: type[VastHTTPError]
    if kind == "timeout":
        own, other = VastHTTPTimeoutError, "TimeoutException"
    elif kind == "tls":
        own, other = VastHTTPSSLError, "ConnectError"
    else:
        own, other = VastHTTPError, "ConnectError" if status is None else "HTTPStatusError"
    bases = (own, getattr(httpx, other)) if httpx else (own,)
    made = _class_of(bases)
    error: Any = made.__new__(made)
    Exception.__init__(error, message)
    error.message, error.context = message, {"url": url}
    error.timeout, error.operation, error.url, error.ssl_error, error.status_code = timeout, "request", url, None, status
    if httpx:
        request = httpx.Request("GET", url)
        error.request = request
        if status is not None:
            error.response = httpx.Response(status, request=request)
    failure: VastHTTPError = error
    return failure


def _class_of(bases: tuple[Any, ...]) -> Any:
    """The class with these bases. Each is made once, so that two failures of a kind have the same class."""
    made = _CLASSES.get(bases)
    if made is None:
        made = _CLASSES[bases] = type(bases[0].__name__, bases, {"__module__": __name__})
    return made


_CLASSES: dict[tuple[Any, ...], Any] = {}

__all__ = [
    "VastException",
    "VastParseError",
    "VastXMLError",
    "VastElementError",
    "VastExtensionError",
    "VastDurationError",
    "VastTrackingError",
    "VastTrackingURLError",
    "VastTrackingNetworkError",
    "VastConfigError",
    "VastConfigValidationError",
    "VastConfigNotFoundError",
    "VastHTTPError",
    "VastHTTPTimeoutError",
    "VastHTTPSSLError",
    "VastAllSourcesFailed",
]

"""The exceptions. Every one is a ``VastException``."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .multi_source.fetch_result import FetchResult

#: The longest text of a detail in a message. Documents and URLs may have any length.
_LONGEST = 200


class VastException(Exception):
    """The base of all exceptions. ``context`` has details by name; they are part of the text."""

    def __init__(self, message: str, context: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.context: dict[str, Any] = dict(context or {})

    def __str__(self) -> str:
        if not self.context:
            return self.message
        return f"{self.message} ({'; '.join(f'{name}={value}' for name, value in self.context.items())})"

    def _detail(self, name: str, value: Any) -> None:
        """Makes a detail an attribute, and a part of the text if it is known."""
        setattr(self, name, value)
        if value is not None:
            self.context[name] = value if isinstance(value, (int, float)) else str(value)[:_LONGEST]


class VastParseError(VastException):
    """A document cannot be read."""


class VastXMLError(VastParseError):
    """A document is not well-formed XML, or not VAST. ``parser_error`` is the exception of the reader."""

    xml_preview: str | None

    def __init__(
        self,
        message: str,
        xml_preview: str | None = None,
        parser_error: Exception | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("xml_preview", xml_preview)
        self.parser_error = parser_error


class VastElementError(VastParseError):
    """An element cannot be converted. ``operation`` is what was tried."""

    element_tag: str | None
    operation: str | None

    def __init__(
        self,
        message: str,
        element_tag: str | None = None,
        operation: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("element_tag", element_tag)
        self._detail("operation", operation)


class VastExtensionError(VastParseError):
    """An extension cannot be converted."""

    extension_type: str | None
    field_name: str | None

    def __init__(
        self,
        message: str,
        extension_type: str | None = None,
        field_name: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("extension_type", extension_type)
        self._detail("field_name", field_name)


class VastDurationError(VastParseError):
    """A duration is not ``HH:MM:SS``."""

    duration_text: str | None

    def __init__(
        self, message: str, duration_text: str | None = None, context: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, context)
        self._detail("duration_text", duration_text)


class VastTrackingError(VastException):
    """A tracker cannot be called."""


class VastTrackingURLError(VastTrackingError):
    """The URL of a tracker is wrong. ``url_type`` is its event."""

    url: str | None
    url_type: str | None

    def __init__(
        self,
        message: str,
        url: str | None = None,
        url_type: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("url", url)
        self._detail("url_type", url_type)


class VastTrackingNetworkError(VastTrackingError):
    """A tracker did not answer, or with a status that is an error."""

    http_status: int | None

    def __init__(
        self,
        message: str,
        http_status: int | None = None,
        network_error: Exception | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("http_status", http_status)
        self.network_error = network_error


class VastConfigError(VastException):
    """The configuration is wrong."""


class VastConfigValidationError(VastConfigError, ValueError):
    """A setting has a wrong value."""

    config_key: str | None
    config_value: Any

    def __init__(
        self,
        message: str,
        config_key: str | None = None,
        config_value: Any = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("config_key", config_key)
        self._detail("config_value", config_value)


class VastConfigNotFoundError(VastConfigError):
    """A required setting or file is missing."""

    config_key: str | None

    def __init__(
        self, message: str, config_key: str | None = None, context: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, context)
        self._detail("config_key", config_key)


class VastHTTPError(VastException):
    """A request failed: the connection, or an HTTP status."""


class VastHTTPTimeoutError(VastHTTPError):
    """A request took longer than ``timeout`` seconds."""

    timeout: float | None
    operation: str | None

    def __init__(
        self,
        message: str,
        timeout: float | None = None,
        operation: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("timeout", timeout)
        self._detail("operation", operation)


class VastHTTPSSLError(VastHTTPError):
    """The certificate of a server is not accepted."""

    url: str | None

    def __init__(
        self,
        message: str,
        url: str | None = None,
        ssl_error: Exception | None = None,
        context: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, context)
        self._detail("url", url)
        self.ssl_error = ssl_error


class VastAllSourcesFailed(VastException):
    """No source and no fallback had a usable ad. ``result`` has the outcome of each of them."""

    def __init__(self, message: str, result: FetchResult) -> None:
        super().__init__(message)
        self.args = (message, result)  # A copy in another process is made of them.
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
    error.made_again = functools.partial(http_failure, kind, message, url=url, status=status, timeout=timeout)
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
        copied = {"__module__": __name__, "__reduce__": lambda error: (error.made_again, ())}
        made = _CLASSES[bases] = type(bases[0].__name__, bases, copied)
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

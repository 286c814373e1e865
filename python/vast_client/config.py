"""The configuration of the parser and of the trackers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class VastParserConfig:
    """The configuration of the parser.

    ``custom_xpaths`` adds entries to ``extensions``: the texts of the elements that a path of the form ``.//Name`` or ``.//A/B``
    names. The other paths have to stay as they are, because the reader is not an XPath engine. The reader is lenient and finds the
    encoding of a document itself, so ``strict_xml``, ``recover_on_error`` and ``encoding`` have no effect.
    """

    xpath_ad_system: str = ".//AdSystem"
    xpath_ad_title: str = ".//AdTitle"
    xpath_impression: str = ".//Impression"
    xpath_error: str = ".//Error"
    xpath_creative: str = ".//Creative"
    xpath_media_files: str = ".//MediaFile"
    xpath_tracking_events: str = ".//Tracking"
    xpath_duration: str = ".//Duration"
    xpath_extensions: str = ".//Extensions/Extension"
    custom_xpaths: dict[str, str] = field(default_factory=dict)
    strict_xml: bool = False
    recover_on_error: bool = True
    encoding: str = "utf-8"
    publisher_overrides: dict[str, Any] = field(default_factory=dict)


@dataclass
class VastTrackerConfig:
    """The configuration of trackers. ``timeout`` is for an HTTP client that replaces the native one.

    ``static_macros`` are filled in in every URL. ``macro_mapping`` names values of ``ad_request`` that trackers may have, each with
    its macro: ``{"device_serial": "SERIAL"}`` fills in ``[SERIAL]``. All forms of a macro are known, and the outbox repeats a call
    that failed, so ``macro_formats``, ``retry_on_error`` and ``max_retries`` have no effect.
    """

    macro_formats: list[str] = field(default_factory=lambda: ["[{macro}]", "${{{macro}}}"])
    static_macros: dict[str, str] = field(default_factory=dict)
    macro_mapping: dict[str, str] = field(default_factory=dict)
    timeout: float = 5.0
    retry_on_error: bool = False
    max_retries: int = 0
    publisher_overrides: dict[str, Any] = field(default_factory=dict)


@dataclass
class VastClientConfig:
    """The configuration of a client's parts, as plain data. A program gives the parts to the classes that use them."""

    provider: str = "generic"
    publisher: str | None = None
    parser: VastParserConfig = field(default_factory=VastParserConfig)
    tracker: VastTrackerConfig = field(default_factory=VastTrackerConfig)
    enable_tracking: bool = True
    enable_parsing: bool = True
    ssl_verify: bool | str = True
    provider_settings: dict[str, Any] = field(default_factory=dict)


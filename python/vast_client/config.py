"""The configuration of the parser and of the trackers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class VastParserConfig:
    """The configuration of the parser.

    ``custom_xpaths`` adds entries to ``extensions``: the texts of the elements that a path of the form ``.//Name`` or ``.//A/B``
    names. The other paths have to stay as they are, because the reader is not an XPath engine. The reader is always lenient.
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
    """The configuration of trackers. ``static_macros`` are filled in in every URL; ``timeout`` is for a replaced client."""

    macro_formats: list[str] = field(default_factory=lambda: ["[{macro}]", "${{{macro}}}"])
    static_macros: dict[str, str] = field(default_factory=dict)
    macro_mapping: dict[str, str] = field(default_factory=dict)
    timeout: float = 5.0
    retry_on_error: bool = False
    max_retries: int = 0
    publisher_overrides: dict[str, Any] = field(default_factory=dict)


@dataclass
class VastClientConfig:
    """The configuration of a client's parts."""

    provider: str = "generic"
    publisher: str | None = None
    parser: VastParserConfig = field(default_factory=VastParserConfig)
    tracker: VastTrackerConfig = field(default_factory=VastTrackerConfig)
    enable_tracking: bool = True
    enable_parsing: bool = True
    ssl_verify: bool | str = True
    provider_settings: dict[str, Any] = field(default_factory=dict)


__all__ = ["VastParserConfig", "VastTrackerConfig", "VastClientConfig"]

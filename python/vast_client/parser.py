"""The parser: a document to a dict."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any
from xml.etree import ElementTree

from . import _native
from ._checks import as_dict, instance_of
from .config import VastParserConfig
from .exceptions import VastConfigValidationError, VastDurationError, VastElementError, VastXMLError

#: The paths that ``custom_xpaths`` may have.
_SIMPLE_PATH = re.compile(r"\.//[A-Za-z_][\w.\-]*(/[A-Za-z_][\w.\-]*)?\Z")


class VastParser:
    """Reads documents. Wrappers are not followed here; a request follows them."""

    def __init__(self, config: VastParserConfig | None = None) -> None:
        self.config = VastParserConfig() if config is None else instance_of(VastParserConfig, "config", config)
        self._check()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> VastParser:
        """A parser for the values of ``VastParserConfig`` by name."""
        known = [one.name for one in fields(VastParserConfig)]
        for name in as_dict("config", config):
            if name not in known:
                raise VastConfigValidationError(f"VastParserConfig has no {name!r}; it has {', '.join(known)}", name)
        return cls(VastParserConfig(**config))

    def parse_vast(self, xml_string: str | bytes) -> dict[str, Any]:
        """The content of a document, with the keys of ``FetchResult.parsed_data``.

        Raises ``VastXMLError`` with the line and the column for a document that cannot be read.
        """
        if not isinstance(xml_string, (str, bytes)):
            raise TypeError(f"parse_vast takes str or bytes, got {type(xml_string).__name__}")
        document = xml_string.encode(errors="replace") if isinstance(xml_string, str) else xml_string
        try:
            data: dict[str, Any] = _native.parse_document(document)
        except ValueError as error:
            kind, message, line, column = error.args
            preview = document[:200].decode("utf-8", "replace")
            text = f"Failed to parse VAST XML: {message} (line {line}, column {column})"
            raise VastXMLError(text, preview, error, {"kind": kind}) from error
        if self.config.custom_xpaths:
            data["extensions"].update(self.custom_values(document))
        return data

    @property
    def is_replaced(self) -> bool:
        """Whether a class of the program or a test has replaced ``parse_vast``."""
        return type(self).parse_vast is not VastParser.parse_vast or "parse_vast" in vars(self)

    def parse_extensions(self, root: Any) -> dict[str, Any]:
        """The extensions of a tree of ``xml.etree`` or lxml, by type."""
        found = {}
        for extension in root.findall(".//Extensions/Extension"):
            if extension.get("type"):
                found[extension.get("type")] = self.element_to_dict(extension)
        return found

    def parse_duration(self, root: Any) -> int | None:
        """The seconds of a text ``HH:MM:SS``, or of the first ``Duration`` of a tree; ``None`` if it has no valid one.

        Raises ``VastDurationError`` for a text that is not a duration.
        """
        if isinstance(root, str):
            return _seconds(root)
        element = root.find(".//Duration")
        try:
            return None if element is None or not element.text else _seconds(element.text)
        except VastDurationError:
            return None

    def element_to_dict(self, element: Any) -> dict[str, Any]:
        """An element without children as ``{name: text}``; one with children has an entry for each of them."""
        try:
            children = list(element)
            if not children:
                return {element.tag: element.text}
            return {one.tag: self.element_to_dict(one) if len(one) else one.text for one in children}
        except (AttributeError, TypeError) as error:
            tag = str(getattr(element, "tag", "unknown"))
            raise VastElementError(f"Invalid element: {error}", tag, "to_dict") from error

    def _check(self) -> None:
        default = VastParserConfig()
        for one in fields(VastParserConfig):
            if one.name.startswith("xpath_") and getattr(self.config, one.name) != getattr(default, one.name):
                text = f"{one.name} cannot be changed; the reader knows where the standard puts each element"
                raise VastConfigValidationError(text, one.name, getattr(self.config, one.name))
        for name, path in self.config.custom_xpaths.items():
            if not _SIMPLE_PATH.match(path):
                text = f"custom_xpaths[{name!r}] must have the form './/Name' or './/A/B'"
                raise VastConfigValidationError(text, "custom_xpaths", path)

    def custom_values(self, document: bytes) -> dict[str, list[str]]:
        """The texts of the elements that ``custom_xpaths`` names, by name."""
        # The reader has refused document types, so this tree has no entities of its own.
        try:
            root = ElementTree.fromstring(document)
        except ElementTree.ParseError:
            return {}
        found = {}
        for name, path in self.config.custom_xpaths.items():
            texts = [one.text.strip() for one in root.findall(path) if one.text and one.text.strip()]
            if texts:
                found[name] = texts
        return found


def _seconds(text: str) -> int:
    parts = text.strip().split(":")
    try:
        if len(parts) != 3:
            raise ValueError("it does not have three parts")
        hours, minutes, seconds = (float(part) for part in parts)
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    except ValueError as error:
        raise VastDurationError(f"Invalid duration {text!r}: {error}; HH:MM:SS would be right", text) from error


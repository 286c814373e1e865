"""Reports about playback become events, each as often as the standard allows.

>>> session = BreakSession(result)
>>> for event in session.playhead(5.0):
...     await client.track_session_event(event)
"""

from __future__ import annotations

from . import _native
from ._checks import instance_of
from ._native import SessionBeacons
from .multi_source.fetch_result import FetchResult


class BreakSession:
    """The playback of the ads of a result, one after the other. It calls nothing: each event has the URLs that are due.

    A stitcher reports positions in the break (``playhead``, ``seek``), a player reports what happened to an ad (``report``).
    """

    def __init__(self, result: FetchResult) -> None:
        answer = instance_of(FetchResult, "result", result)._answer
        if answer is None or not result.success:
            raise ValueError("a session needs the result of a request that has an ad")
        self._native = _native.BreakSession(answer)

    def playhead(self, seconds: float) -> list[SessionBeacons]:
        """The position in the break during playback."""
        return self._native.playhead(seconds)

    def seek(self, seconds: float) -> list[SessionBeacons]:
        """A jump of the viewer to a position in the break."""
        return self._native.seek(seconds)

    def report(self, name: str, *, ad: int = 0, code: int = 900) -> list[SessionBeacons]:
        """A report about an ad: ``started``, ``paused``, ``skipped``, ``failed`` with a VAST error code, ... (``ValueError`` lists all)."""
        return self._native.report(name, ad=ad, code=code)

    def finish(self) -> list[SessionBeacons]:
        """The break has ended."""
        return self._native.finish()


__all__ = ["BreakSession", "SessionBeacons"]

"""The exchange between event loops and the native runtime."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import os
import threading
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

from . import _native

_FINISHED, _FAILED, _CALL, _CANCEL_CALL = range(4)

#: The document of a host call: its bytes, its HTTP status and its headers.
Reply = tuple[bytes, int, list[tuple[str, str]]]


class HostCall:
    """Code of Python that a request calls: a source or an HTTP client. It runs in the context of the request."""

    def __init__(self, function: Callable[..., Awaitable[Reply]], kind: str) -> None:
        self.function = function
        #: The kind of failure that an exception of unknown type is.
        self.kind = kind
        self.context = contextvars.copy_context()

    def failure(self, error: Exception) -> tuple[str, str, int | None]:
        """The kind, the message and the HTTP status of an exception."""
        message = f"{type(error).__name__}: {error}"
        status = getattr(getattr(error, "response", None), "status_code", None)
        if isinstance(status, int):
            return "status", message, status
        names = {base.__name__ for base in type(error).__mro__}
        if names & {"TimeoutError", "TimeoutException"}:
            return "timeout", message, None
        if names & {"OSError", "TransportError"}:
            return "connect", message, None
        return self.kind, message, None


class LoopPort:
    """The requests of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.native = _native.Port()
        self._tickets = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._calls: dict[int, asyncio.Task[None]] = {}
        loop.add_reader(self.native.fileno(), self._drain)

    async def run(self, start: Callable[..., None], *arguments: Any) -> Any:
        """Starts native work, a method of an engine, and waits for its output. If the task is cancelled, the work is dropped."""
        ticket = next(self._tickets)
        future = self._waiting[ticket] = asyncio.get_running_loop().create_future()
        try:
            start(self.native, ticket, *arguments)
            return await future
        finally:
            if self._waiting.pop(ticket, None) is not None:
                self.native.cancel(ticket)

    def _drain(self) -> None:
        for kind, number, value in self.native.drain():
            if kind == _FINISHED or kind == _FAILED:
                future = self._waiting.pop(number, None)
                if future is None or future.done():
                    continue
                if kind == _FINISHED:
                    future.set_result(value)
                else:
                    future.set_exception(value)
            elif kind == _CALL:
                call, arguments = value
                loop = asyncio.get_running_loop()
                task = call.context.run(loop.create_task, self._answer(number, call, arguments))
                self._calls[number] = task
                task.add_done_callback(lambda _, number=number: self._calls.pop(number, None))
            elif (task := self._calls.get(number)) is not None:
                task.cancel()

    async def _answer(self, number: int, call: HostCall, arguments: tuple[Any, ...]) -> None:
        try:
            body, status, headers = await call.function(*arguments)
            self.native.answer(number, body, status, headers)
        except Exception as error:
            self.native.fail(number, *call.failure(error))


_ports: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopPort] = weakref.WeakKeyDictionary()
_lock = threading.Lock()
#: The ports of the process that forked this one. They belong to threads that do not exist here, so they are never dropped.
_left_alone: list[Any] = []


def running_port() -> LoopPort:
    """The port of the running event loop."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        text = "no event loop of asyncio is running here; asyncio.run() starts one, and the methods with _sync need none"
        raise RuntimeError(text) from None
    port = _ports.get(loop)
    if port is None:
        with _lock:
            port = _ports.get(loop)
            if port is None:
                port = _ports[loop] = LoopPort(loop)
    return port


def _after_fork() -> None:
    global _ports, _lock
    _native.after_fork()
    _left_alone.append(list(_ports.values()))
    _ports = weakref.WeakKeyDictionary()
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""What the library opened: closed once, by whoever opened it."""

import contextlib
import os
from ctypes import byref, c_void_p
from types import TracebackType
from typing import Any, Callable, Optional, Type, TypeVar

from .errors import Closed

_Self = TypeVar("_Self", bound="Handle")

_forks = 0  # that led to this process since the module was loaded


def _forked() -> None:
    global _forks
    _forks += 1


os.register_at_fork(after_in_child=_forked)


class Handle:
    """``close_function`` takes the address of the handle. A child of ``os.fork()`` neither uses nor closes what its parent opened."""

    def __init__(self, close_function: Callable[..., Any]) -> None:
        self._handle = c_void_p()
        self._opened_after = _forks
        self._close_function = close_function

    def close(self) -> None:
        """Closes it; again is harmless. No other call may be running."""
        if self._handle.value and self._opened_after == _forks:
            self._close_function(byref(self._handle))
        self._handle = c_void_p()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Exception):
            self.close()

    @property
    def _live(self) -> int:
        if self._opened_after != _forks:
            raise Closed(f"this {type(self).__name__} was opened before os.fork(): open one in the child")
        address = self._handle.value
        if not address:
            raise Closed(f"this {type(self).__name__} is closed")
        return address

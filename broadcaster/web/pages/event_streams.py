"""Server-sent events: changes of a page as they happen. A stream occupies a thread of the server,
so their number is limited; a browser without a stream asks for the page again.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping

from flask import Response, stream_with_context

from broadcaster.web.config import WindowConfig

__all__ = ["Streams"]

_RETRY_MILLISECONDS = 2000


class Streams:
    """Counts the streams that are open."""

    def __init__(self, config: WindowConfig) -> None:
        self._free = threading.BoundedSemaphore(config.streams)

    def answer(self, events: Callable[[], Iterator[Mapping[str, object]]]) -> Response:
        """A stream of these events as JSON; 503 when there are too many streams already."""
        if not self._free.acquire(blocking=False):
            return Response(status=503, headers={"Retry-After": "2"})
        released = threading.Event()

        def release() -> None:
            if not released.is_set():
                released.set()
                self._free.release()

        def lines() -> Iterator[str]:
            try:
                yield f"retry: {_RETRY_MILLISECONDS}\n\n"
                for event in events():
                    yield f"data: {json.dumps(event)}\n\n"
            finally:
                release()

        response = Response(stream_with_context(lines()), mimetype="text/event-stream")
        response.headers["X-Accel-Buffering"] = "no"  # a proxy such as nginx would hold it back
        response.call_on_close(release)
        return response

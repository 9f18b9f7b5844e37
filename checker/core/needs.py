"""What a rule needs in order to judge. Whatever gives the pages says what it cannot provide.

From these two, and from how far the crawl came, follow all reasons for "not judged"
(checker/engine/unmet.py).
"""

from enum import StrEnum

__all__ = ["Need"]


class Need(StrEnum):
    """One thing that a rule cannot judge without."""

    SERVER = "a server that answers"
    CONNECTION = "how each connection ended"
    KEPT_CONNECTION = "a connection that is used again"
    SERVER_ADDRESS = "the address of the server"
    REDIRECTS = "each redirect on the way to the answer"
    RAW_BYTES = "the bytes of the bodies as they were sent"
    URL = "the URL of the endpoint"
    PAGE = "a page that can be read"
    SECOND_PAGE = "a second page"
    MANY_PAGES = "enough pages to compare their times"
    WHOLE_CRAWL = "the crawl to its end"
    EVERY_ROW = "every row of a page"
    ROWS_COMPARED = "all rows compared with each other"
    CHANNEL = "the channel of --channel"
    LOAD_TEST = "the crawls of --load"
    METHOD_PROBE = "another method tried"
    REPLAY_PROBE = "a page requested again"
    BAD_TOKEN_PROBE = "a token that was never issued"  # noqa: S105  a sentence, not a password
    COOKIE_PROBE = "a page requested with the cookies of the one before"
    NO_CREDENTIALS_PROBE = "a page requested without the headers"
    ALTERED_CREDENTIALS_PROBE = "a page requested with altered credentials"

"""The page formats of frameworks' own paginators. Pure."""

import re

__all__ = ["kind_of_link", "paginator_of"]


def kind_of_link(value: str) -> str:
    """What a `next` that is no token seems to be."""
    if re.match(r"[a-z][a-z0-9+.-]*://", value, re.IGNORECASE):
        return "the URL of the next page (as Django REST framework and Laravel's paginator send it)"
    return "a query string" if re.match(r"[&?]?[\w.\[\]-]+=", value) else "a part of a URL"


_PAGINATORS = (
    ({"results", "count"}, "Django REST framework"),
    ({"data", "next_page_url"}, "Laravel's paginator"),
    ({"data", "links", "meta"}, "Laravel's resource collection"),
    ({"content", "pageable"}, "Spring Data"),
    ({"Items", "LastEvaluatedKey"}, "DynamoDB"),
    ({"value", "@odata.nextLink"}, "OData"),
    ({"member", "view"}, "API Platform"),
    ({"edges", "pageInfo"}, "GraphQL's Relay"),
)


def paginator_of(members: set[str]) -> str | None:
    """The framework whose own page format these members are."""
    return next((name for wanted, name in _PAGINATORS if wanted <= members), None)

"""Pages in the format of a framework, a store or a service, not in the contract's."""

from collections.abc import Mapping

from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import Looks, root_of

_RULES = ("PAGE002", "PAGE005")
_FOLLOWS = ("PAGE002", "PAGE005", "PAGE008", "PAGE006", "NEXT013")


def _member(root: Mapping[str, object], path: str) -> object:
    value: object = root
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _having(*paths: str) -> Looks:
    """Sees a root that has all these members; `a/b` is a member of a member, `a|b` either."""

    def looks(facts: Facts, rule: str) -> Seen | None:
        root = root_of(facts, rule)
        if isinstance(root.get("list"), list):
            return None
        names = []
        for path in paths:
            there = [name for name in path.split("|") if _has(root, name)]
            if not there:
                return None
            names.append(there[0])
        return Seen((f"The root has the members {', '.join(names)}.",))

    return looks


def _has(root: Mapping[str, object], path: str) -> bool:
    above, _, name = path.rpartition("/")
    holder = _member(root, above) if above else root
    return isinstance(holder, Mapping) and name in holder


def _envelope(name: str, looks: Looks, whose: str, fix: str) -> Cause:
    return Cause(
        name=f"envelope-{name}",
        rules=_RULES,
        looks=looks,
        follows=_FOLLOWS,
        fix=fix,
        sentence=f"The page has the format of {whose}, not the contract's.",
    )


drf = _envelope(
    "drf",
    _having("results", "count", "previous"),
    "Django REST framework's paginator",
    "Write a paginator whose get_paginated_response returns {{'list': data, 'next': token or "
    "''}}; `next` must be the cursor alone, not get_next_link().",
)


laravel_paginator = _envelope(
    "laravel-paginator",
    _having("data", "next_page_url|path"),
    "Laravel's paginator",
    "Return ['list' => $page->items(), 'next' => $page->nextCursor()?->encode() ?? ''] with "
    "cursorPaginate(100), and read the cursor from the parameter next.",
)


laravel_resource = _envelope(
    "laravel-resource",
    _having("data", "links", "meta"),
    "Laravel's API resources",
    "Return ['list' => …, 'next' => …] yourself in place of the resource collection.",
)


jsonapi = _envelope(
    "json-api",
    _having("data", "links|jsonapi"),
    "JSON:API",
    "Write {{list, next}} yourself in place of the JSON:API serializer: attributes.uid becomes "
    "uid, links.next the token alone.",
)


strapi = _envelope(
    "strapi",
    _having("data", "meta/pagination"),
    "Strapi",
    "Add a custom controller that maps data to list and gives the next page's number or key as "
    "next.",
)


directus = _envelope(
    "directus",
    _having("data", "meta/filter_count|meta/total_count"),
    "Directus",
    "Add a custom endpoint (or a flow) that answers {{list, next}}.",
)


spring = _envelope(
    "spring-data",
    _having("content", "pageable|page|totalPages|last"),
    "Spring Data's Page",
    "Return a record of your own: new RecipientPage(page.getContent(), page.hasNext() ? token "
    ': "").',
)


elastic = _envelope(
    "elasticsearch",
    _having("hits/hits"),
    "Elasticsearch",
    "Put a program in front: list from hits.hits[]._source, next from the sort values of the "
    "last hit (search_after).",
)


graphql = _envelope(
    "graphql",
    _having("data/edges|edges|data", "pageInfo|errors|data/pageInfo"),
    "GraphQL",
    "Add a plain GET route that runs the query and answers {{list: nodes, next: "
    "pageInfo.hasNextPage ? endCursor : ''}}.",
)


odata = _envelope(
    "odata",
    _having("value", "@odata.context|@odata.nextLink|odata.metadata"),
    "OData",
    "Add a plain route that answers {{list, next}}; next is the $skiptoken alone, not the "
    "whole nextLink.",
)


dynamodb = _envelope(
    "dynamodb",
    _having("Items", "Count|LastEvaluatedKey|ScannedCount"),
    "DynamoDB",
    "Map it: list from Items (unmarshalled), next from LastEvaluatedKey as base64url text, and "
    '"" without one.',
)


hydra = _envelope(
    "hydra",
    _having("hydra:member|member", "@context|hydra:view|view"),
    "API Platform (Hydra)",
    "Ask for plain JSON and write {{list, next}} in a state provider or controller of your own.",
)


airtable = _envelope(
    "airtable",
    _having("records", "offset|records"),
    "Airtable",
    'Put a program in front: list from records[].fields, next from offset, and "" without one.',
)

"""Roots that are not the contract's: another page format, an error as 200, wrong names."""

import json
from collections.abc import Mapping

from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.facts import Facts, json_of
from checker.diagnosis.looking import Looks
from checker.diagnosis.words import error_members, error_words, quoted

_RULES = ("PAGE002", "PAGE005")
_FOLLOWS = ("PAGE002", "PAGE005", "PAGE008", "PAGE006", "NEXT013")
_WELL = frozenset({"ok", "success", "successful", "succeeded", "200", "true"})
_LIST_NAMES = (
    "data",
    "items",
    "rows",
    "results",
    "result",
    "records",
    "content",
    "value",
    "recipients",
    "users",
    "lists",
)


def _root(facts: Facts, rule: str) -> Mapping[str, object]:
    """The root object of the first faulty page."""
    value = facts.first(rule).value
    if isinstance(value, Mapping):
        return value
    document = json_of(facts.body(rule))
    return document if isinstance(document, dict) else {}


def _member(root: Mapping[str, object], path: str) -> object:
    value: object = root
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _having(*paths: str) -> Looks:
    """Sees a root that has all these members; `a/b` is a member of a member, `a|b` either."""

    def looks(facts: Facts, rule: str) -> Seen | None:
        root = _root(facts, rule)
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


def _error_as_200(facts: Facts, rule: str) -> Seen | None:
    root = _root(facts, rule)
    words = error_words(facts.mask, json.dumps(root, default=str).encode()) if root else None
    if words is None or _went_well(root):
        return None
    exchange = facts.exchange(rule)
    status = f"{exchange.status} {exchange.reason}".strip() if exchange is not None else "200"
    return Seen((f"The status is {status}, and the body says {words}.",), {"words": words})


def _went_well(root: Mapping[str, object]) -> bool:
    """Whether a root has rows somewhere, or says by itself that nothing went wrong."""
    if root.get("success") is True or root.get("ok") is True:
        return True
    told = {str(root.get(name)).lower() for name in ("status", "code", "message", "result")}
    lists = [value for name, value in root.items() if name not in ("error", "errors")]
    return bool(told & _WELL) or any(isinstance(value, list) for value in lists)


def _error_beside_rows(facts: Facts, rule: str) -> Seen | None:
    """An `error` beside a `list`, at whichever page was kept."""
    del rule
    for page in facts.pages:
        members = page.members or {}
        named = {n: v for n, v in members.items() if n in ("error", "errors", "exception") and v}
        if not error_members(named):
            continue
        said = error_words(facts.mask, json.dumps(named, default=str).encode())
        rows = "no rows" if not page.rows else f"{page.rows} rows"
        lines = [f"Page {page.number} has {rows} and says {said}."]
        if page.number > 1 and not page.rows:
            lines.append(f"{facts.rows_read:,} rows were read before it.")
        return Seen(tuple(lines), {"page": str(page.number)})
    return None


def _lambda_proxy(facts: Facts, rule: str) -> Seen | None:
    root = _root(facts, rule)
    if not {"statusCode", "body"} <= set(root):
        return None
    names = ", ".join(sorted(root))[:80]
    return Seen(
        (f"The root has the members {names}; statusCode is {str(root['statusCode'])[:5]}.",)
    )


def _other_case(facts: Facts, rule: str) -> Seen | None:
    root = _root(facts, rule)
    wrong = [
        name for name in root if name.lower() in ("list", "next") and name not in ("list", "next")
    ]
    return (
        Seen((f"The root has {' and '.join(wrong)}.",), {"names": ", ".join(wrong)})
        if wrong
        else None
    )


def _other_name(facts: Facts, rule: str) -> Seen | None:
    if rule != "PAGE002":
        return None
    root = _root(facts, rule)
    arrays = [name for name, value in root.items() if isinstance(value, list)]
    known = [name for name in arrays if name.lower() in _LIST_NAMES]
    if len(arrays) != 1 or not known:
        return None
    name = quoted(facts.mask, known[0], 40).strip('"')
    return Seen((f"The only array of the root is its member {name}.",), {"name": name})


def _wrapped(facts: Facts, rule: str) -> Seen | None:
    root = _root(facts, rule)
    if "list" in root:
        return None
    for name, value in root.items():
        if isinstance(value, Mapping) and isinstance(value.get("list"), list) and len(name) <= 40:
            shown = quoted(facts.mask, name, 40).strip('"')
            return Seen((f"list is there, inside the member {shown}.",), {"name": shown})
    return None


def _only_last_without_next(facts: Facts, rule: str) -> Seen | None:
    """`next` left out of the last page, as serializers that drop nulls do."""
    if rule != "PAGE005" or facts.pages_read < 2:
        return None
    place = facts.first(rule)
    page = facts.page(place.exchange.page if place.exchange is not None else None)
    before = [p for p in facts.pages if page is not None and p.number < page.number]
    if page is None or not before or not page.rows or facts.counts.get(rule) != 1:
        return None
    fuller = max(p.rows for p in before)
    if not all(isinstance(p.next, str) and p.next for p in before):
        return None
    if page.rows >= fuller:
        return None
    lines = [f"Pages 1 to {page.number - 1} have a next, page {page.number} has none."]
    lines.append(f"It has {page.rows} rows, the pages before it {fuller}: it seems to be the last.")
    return Seen(tuple(lines))


def _envelope(name: str, looks: Looks, whose: str, fix: str) -> Cause:
    return Cause(
        name=f"envelope-{name}",
        rules=_RULES,
        looks=looks,
        follows=_FOLLOWS,
        fix=fix,
        sentence=f"The page has the format of {whose}, not the contract's.",
    )


lambda_proxy = Cause(
    name="lambda-proxy-off",
    rules=_RULES,
    looks=_lambda_proxy,
    sentence=(
        "The Lambda function's whole answer was sent as the body: proxy integration is "
        "off in API Gateway."
    ),
    fix=(
        "Turn on Lambda proxy integration for the method and deploy the stage again; or return "
        "the page itself without statusCode, headers and body."
    ),
    follows=_FOLLOWS,
)
error_as_200 = Cause(
    name="error-as-200",
    rules=_RULES,
    looks=_error_as_200,
    sentence="The server reports an error, {words}, and answers it with a status of success.",
    fix=(
        "Mend what the server's words name, and answer errors with a status of 400 or more, so "
        "that no program takes them for a page."
    ),
    follows=_FOLLOWS,
)
wrapped = Cause(
    name="wrapped-page",
    rules=_RULES,
    looks=_wrapped,
    sentence="The page is wrapped: list and next are inside the member {name}, not on the root.",
    fix=(
        "Send what is inside {name} as the root: take out the wrapper or response transformer "
        "for this endpoint."
    ),
    follows=_FOLLOWS,
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
other_case = Cause(
    name="other-case",
    rules=_RULES,
    looks=_other_case,
    sentence=(
        "The members are spelt with other capitals ({names}); names in JSON are case-sensitive."
    ),
    fix=(
        'Name them exactly list and next: in Go by the tags `json:"list"` and `json:"next"`, '
        "in .NET by JsonPropertyName or PropertyNamingPolicy.CamelCase."
    ),
    follows=_FOLLOWS,
)
other_name = Cause(
    name="other-name",
    rules=_RULES,
    looks=_other_name,
    sentence="The rows are there, under the name {name} in place of list.",
    fix="Name the member list.",
    follows=("PAGE008",),
)
next_dropped_at_end = Cause(
    name="next-dropped-at-end",
    rules=("PAGE005",),
    looks=_only_last_without_next,
    sentence="The last page leaves next out, as serializers do that skip null or empty members.",
    fix=(
        'Send "next": "" on the last page, too: no omitempty in Go, no JsonInclude(NON_NULL) '
        'in Java, no exclude_none in Python; in JavaScript undefined is left out, "" is not.'
    ),
)
error_beside_rows = Cause(
    name="error-beside-rows",
    rules=("PAGE008", "PAGE006", "PAGE010"),
    looks=_error_beside_rows,
    sentence=(
        "The server reports an error on page {page} and sends it as a page: whoever reads "
        "it takes the data as done, and everyone after it is left out."
    ),
    fix=(
        "Answer an error with a status of 400 or more, not with a page; a page that cannot be "
        "read whole must not be sent at all."
    ),
)

"""Roots that are not the contract's: an error as 200, a wrapper, wrong names, no next."""

import json
from collections.abc import Mapping

from checker.diagnosis.cause import Cause, Seen, seen
from checker.diagnosis.facts import Facts
from checker.diagnosis.looking import root_of
from checker.diagnosis.words import error_members, error_words, quoted

_RULES = ("PAGE002", "PAGE005")


_FOLLOWS = ("PAGE002", "PAGE005", "PAGE008", "PAGE006", "NEXT013")


_WELL = frozenset({"ok", "success", "successful", "succeeded", "200", "true"})


def _error_as_200(facts: Facts, rule: str) -> Seen | None:
    root = root_of(facts, rule)
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
    root = root_of(facts, rule)
    if not {"statusCode", "body"} <= set(root):
        return None
    names = ", ".join(sorted(root))[:80]
    return Seen(
        (f"The root has the members {names}; statusCode is {str(root['statusCode'])[:5]}.",)
    )


def _bare_array(facts: Facts, rule: str) -> Seen | None:
    value = facts.first(rule).value
    if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
        return None
    return seen(f"The root is an array of {len(value):,} objects.")


def _lone_zero(facts: Facts, rule: str) -> Seen | None:
    body = facts.body(rule).strip()
    return seen(f'The whole body is "{body.decode()}".') if body in (b"0", b"-1") else None


def _wrapped(facts: Facts, rule: str) -> Seen | None:
    root = root_of(facts, rule)
    if "list" in root:
        return None
    for name, value in root.items():
        if isinstance(value, Mapping) and isinstance(value.get("list"), list) and len(name) <= 40:
            shown = quoted(facts.mask, name, 40).strip('"')
            return Seen((f"list is there, inside the member {shown}.",), {"name": shown})
    return None


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


bare_array = Cause(
    name="bare-array",
    rules=("PAGE001",),
    looks=_bare_array,
    sentence=(
        "The rows are the root itself, without a page around them, as json_encode($rows), "
        "res.json(rows) or PostgREST send them."
    ),
    fix='Send {{"list": rows, "next": token}}, and read the rows a page at a time.',
)


wordpress_no_action = Cause(
    name="wordpress-no-action",
    rules=("PAGE001",),
    looks=_lone_zero,
    sentence=(
        "WordPress's admin-ajax.php answers so when no action of that name is registered "
        "for visitors who are not signed in."
    ),
    fix=(
        "Register it by add_action('wp_ajax_nopriv_NAME', …), or better: register_rest_route "
        "with a permission_callback."
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

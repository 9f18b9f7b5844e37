"""A `list` that is not an array, and how it came about."""

import re
from collections.abc import Mapping

from checker.diagnosis.cause import Cause, Seen
from checker.diagnosis.facts import Facts

_RULES = ("PAGE003",)
_FOLLOWS = ("PAGE006", "NEXT006", "PAGE008")


def _list(facts: Facts, rule: str) -> object:
    return facts.first(rule).value


def _numeric_keys(facts: Facts, rule: str) -> Seen | None:
    found = _list(facts, rule)
    if not isinstance(found, Mapping) or not found:
        return None
    names = list(found)
    if not all(re.fullmatch(r"\d{1,6}", name) for name in names):
        return None
    numbers = [int(name) for name in names]
    missing = [n for n in range(max(numbers) + 1) if n not in set(numbers)][:3]
    if numbers[0] > 0 and numbers == list(range(numbers[0], numbers[0] + len(numbers))):
        gap = f"They begin at {numbers[0]}."
    elif missing:
        gap = f"{', '.join(map(str, missing))} {'is' if len(missing) == 1 else 'are'} missing."
    else:
        gap = "None is missing."
    shown = ", ".join(f'"{name}"' for name in names[:3])
    whole = facts.counts.get(rule, 0) < facts.pages_read
    fine = ("Other pages have an array.",) if whole else ()
    return Seen((f"list is an object with the keys {shown} and so on. {gap}", *fine))


def _preserved(facts: Facts, rule: str) -> Seen | None:
    found = _list(facts, rule)
    if not isinstance(found, Mapping) or "$values" not in found:
        return None
    return Seen((f"list has the members {', '.join(map(str, list(found)[:3]))}.",))


def _single_row(facts: Facts, rule: str) -> Seen | None:
    found = _list(facts, rule)
    if not isinstance(found, Mapping) or not ({"uid", "msg"} & set(found)):
        return None
    return Seen(("list is a row itself: an object with uid or msg.",))


def _wrapped_once(facts: Facts, rule: str) -> Seen | None:
    found = _list(facts, rule)
    if not isinstance(found, Mapping) or len(found) != 1:
        return None
    name, inner = next(iter(found.items()))
    if not isinstance(inner, list | Mapping) or len(name) > 40:
        return None
    return Seen((f"list holds an object whose only member, {facts.mask(name)}, holds the rows.",))


def _json_string(facts: Facts, rule: str) -> Seen | None:
    found = _list(facts, rule)
    if not isinstance(found, str) or found.lstrip()[:1] not in ("[", "{"):
        return None
    return Seen(("list is a string that begins as JSON does.",))


def _map_by_key(facts: Facts, rule: str) -> Seen | None:
    found = _list(facts, rule)
    if not isinstance(found, Mapping) or len(found) < 2:
        return None
    values = list(found.values())
    if not all(isinstance(value, Mapping | str) for value in values):
        return None
    return Seen((f"list is an object of {len(found):,} members, one for each person.",))


def _null(facts: Facts, rule: str) -> Seen | None:
    if _list(facts, rule) is not None or facts.first(rule).exchange is None:
        return None
    return Seen(("list is null.",))


preserved_references = Cause(
    name="dotnet-preserved-references",
    rules=_RULES,
    looks=_preserved,
    sentence=(
        "System.Text.Json writes $id and $values in place of arrays: "
        "ReferenceHandler.Preserve is set."
    ),
    fix=(
        "Set ReferenceHandler.IgnoreCycles in place of Preserve, or answer with plain records "
        "without references to each other."
    ),
    follows=_FOLLOWS,
)
php_array_keys = Cause(
    name="php-array-keys",
    rules=_RULES,
    looks=_numeric_keys,
    sentence=(
        "The array's keys have gaps or do not begin at 0, as after PHP's array_filter or "
        "unset, so json_encode writes an object."
    ),
    fix="Number the rows anew before they are encoded: array_values($rows).",
    snippets={"laravel": "In a collection: ->filter(…)->values()."},
    follows=_FOLLOWS,
)
single_element = Cause(
    name="single-element",
    rules=_RULES,
    looks=_single_row,
    sentence=(
        "A page with one row has the row itself in place of an array of one, as "
        "converters from XML or SOAP do."
    ),
    fix=(
        "Always send an array: wrap a single row as [row] (in converters: the list or array "
        "option for the element)."
    ),
    follows=_FOLLOWS,
)
list_as_text = Cause(
    name="list-encoded-twice",
    rules=_RULES,
    looks=_json_string,
    sentence="The rows were encoded as JSON text first and put into the page as a string.",
    fix=(
        "Put the rows into the page as data and encode once; JSON out of a database column "
        "must be parsed first (json_decode, JSON.parse, json.loads)."
    ),
    follows=_FOLLOWS,
)
element_wrapper = Cause(
    name="element-wrapper",
    rules=_RULES,
    looks=_wrapped_once,
    sentence="The rows are one level deeper than list, as converters from XML do.",
    fix="Send the inner array as list.",
    follows=_FOLLOWS,
)
map_by_key = Cause(
    name="map-by-key",
    rules=_RULES,
    looks=_map_by_key,
    sentence="list is a map with a key for each person in place of an array.",
    fix=(
        "Send an array of rows: Object.entries(map).map(([uid, msg]) => ({{uid, msg}})), or "
        "array_values."
    ),
    follows=_FOLLOWS,
)
null_list = Cause(
    name="null-list",
    rules=_RULES,
    looks=_null,
    sentence=(
        "A list without rows is written as null, as with Go's nil slice or a query that "
        "gave nothing."
    ),
    fix="Send [] where there are no rows: rows := []Row{{}} in Go, rows ?? [] elsewhere.",
    follows=_FOLLOWS,
)

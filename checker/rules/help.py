"""One rule and its page of help, for the terminal, the documentation and every report alike."""

from importlib import resources

from checker.rules import all_rules
from checker.rules.base import Rule

__all__ = ["help_body", "help_page"]

_SECTIONS = {
    "NET": "redirects-errors-and-waiting",
    "HTTP": "the-request",
    "JSON": "the-page",
    "PAGE": "the-page",
    "ROW": "the-page",
    "NEXT": "the-token",
    "PERF": "what-is-checked",
    "SEC": "security",
}
"""The section of docs/contract.md that a family of rules is about."""


def help_body(rule: type[Rule]) -> str:
    """The Markdown that is written beside the rule's module."""
    name = f"{rule.id.lower()}_{rule.name.replace('-', '_')}.md"
    return resources.files(all_rules.__module__).joinpath(name).read_text("utf-8").strip()


def help_page(rule_id: str) -> str:
    """The rule's page in Markdown. Raises KeyError for an unknown id."""
    rule = all_rules()[rule_id]
    section = _SECTIONS.get(rule_id.rstrip("0123456789"), "what-is-checked")
    return (
        f"# {rule.id} {rule.name}\n\n"
        f"**{rule.severity.value.capitalize()}** · {rule.summary}. "
        f"See [what your endpoint must do](../contract.md#{section}).\n\n"
        f"**In short:** {rule.fix}\n\n"
        f"{help_body(rule)}\n"
    )

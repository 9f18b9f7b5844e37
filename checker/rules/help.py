"""One rule and its page of help, for the terminal, the documentation and every report alike."""

from importlib import resources

from checker.rules import all_rules
from checker.rules.base import Rule

__all__ = ["help_body", "help_page"]


def help_body(rule: type[Rule]) -> str:
    """The Markdown that is written beside the rule's module."""
    name = f"{rule.id.lower()}_{rule.name.replace('-', '_')}.md"
    return resources.files(all_rules.__module__).joinpath(name).read_text("utf-8").strip()


def help_page(rule_id: str) -> str:
    """The rule's page in Markdown. Raises KeyError for an unknown id."""
    rule = all_rules()[rule_id]
    return (
        f"# {rule.id} {rule.name}\n\n"
        f"**{rule.severity.value.capitalize()}** · clause {rule.clause} of the contract · "
        f"{rule.summary}.\n\n"
        f"**In short:** {rule.fix}\n\n"
        f"{help_body(rule)}\n"
    )

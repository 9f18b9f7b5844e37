"""One rule and its page of help, for the terminal, the documentation and every report alike."""

import re
from importlib import resources

from checker.rules import all_rules, rule_by_id
from checker.rules.base import Rule

__all__ = ["fix_section", "help_body", "help_page"]

_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BREAK = re.compile(r"(?<=\S)\n(?=[^\s-])")
_LANGUAGES: dict[str, str | tuple[str, ...]] = {
    "Node": ("node", "javascript", "typescript"),
    "C#": ("c#", ".net", "asp.net"),
}
"""What a report may call the language of a heading, where that is not the heading itself."""

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


def fix_section(rule: type[Rule], language: str | None) -> str:
    """How to fix it, in Markdown without headings and links: in general, and in this language.

    `language` is what a report calls it, such as `PHP 8.2`; None for what is said in general alone.
    """
    section = help_body(rule).partition("## How to fix it\n")[2].partition("\n## ")[0]
    general, *parts = re.split(r"(?m)^### ", section)
    spoken = (language or "").lower()
    chosen = [
        text
        for title, _, text in (part.partition("\n") for part in parts)
        if spoken and spoken.startswith(_LANGUAGES.get(title, title.lower()))
    ]
    blocks = "\n\n".join(part.strip() for part in (general, *chosen)).split("```")
    # outside of code, since tickets show a line break in a paragraph as one
    blocks[::2] = [_BREAK.sub(" ", _LINK.sub(r"\1", text)) for text in blocks[::2]]
    return "```".join(blocks)


def help_page(rule_id: str) -> str:
    """The rule's page in Markdown. Raises KeyError for an unknown id."""
    rule = rule_by_id(rule_id)
    section = _SECTIONS.get(rule_id.rstrip("0123456789"), "what-is-checked")
    return (
        f"# {rule.id} {rule.name}\n\n"
        f"**{rule.severity.value.capitalize()}** · {rule.summary}. "
        f"See [what your endpoint must do](../contract.md#{section}).\n\n"
        f"**In short:** {rule.fix}\n\n"
        f"{help_body(rule)}\n"
    )

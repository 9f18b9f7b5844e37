"""What a cause is (contract, section 8): one mistake in a server's code, and how it shows. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from checker.diagnosis.facts import Facts

__all__ = ["Cause", "Seen", "seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What speaks for a cause: evidence in short lines, and the words that its sentences need."""

    evidence: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)


def seen(*evidence: str, **words: str) -> Seen:
    """What was seen, line by line, and the words that the cause's sentences need."""
    return Seen(evidence, words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One declaration. `looks` gives what was seen, or None where the facts do not tell.

    `sentence` and `fix` may hold `{words}` of what was seen. `snippets` end the fix where the stack
    is recognized: by the beginning of its framework's or language's name, in lower case. Findings
    of the rules in `follows` are named as consequences where the cause is found.
    """

    name: str
    rules: tuple[str, ...]
    looks: Callable[[Facts, str], Seen | None]
    sentence: str
    fix: str
    snippets: Mapping[str, str] = field(default_factory=dict)
    follows: tuple[str, ...] = ()

    def fix_for(self, facts: Facts, seen: Seen) -> str:
        """What to change, in the endpoint's language where it is known."""
        fix = self.fix.format_map(seen.words)
        built_with = [facts.stack.framework or "", facts.stack.language or ""]
        for name in built_with:
            for start, snippet in self.snippets.items():
                if name.lower().startswith(start):
                    return f"{fix} {snippet}"
        return fix

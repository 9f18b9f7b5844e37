"""Right endpoints in customers' languages: the files of examples/endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["EXAMPLES", "Example", "example_for"]


@dataclass(frozen=True)
class Example:
    """An endpoint in one language: its title, and the files to copy, the endpoint itself first."""

    name: str
    title: str
    files: tuple[str, ...]
    stacks: tuple[str, ...]  # beginnings of what a report calls the framework or language

    def read(self, file: str) -> str:
        """The text of a file of the example. Raises OSError where the files are missing."""
        return (_folder() / self.name / file).read_text("utf-8")


# Frameworks come before their languages: example_for takes the first that fits.
EXAMPLES = {
    example.name: example
    for example in (
        Example("laravel", "Laravel", ("RecipientsController.php", "api.php"), ("laravel",)),
        Example("django", "Django REST framework", ("recipients.py", "models.py"), ("django",)),
        Example(
            "fastapi",
            "Python with FastAPI",
            ("recipients.py", "requirements.txt"),
            ("fastapi", "starlette", "uvicorn"),
        ),
        Example(
            "flask",
            "Python with Flask",
            ("recipients.py", "requirements.txt"),
            ("flask", "werkzeug", "python"),
        ),
        Example(
            "sinatra",
            "Ruby with Sinatra",
            ("recipients.rb", "config.ru"),
            ("sinatra", "rails", "ruby on rails", "ruby"),
        ),
        Example(
            "cloudflare-worker",
            "Cloudflare Workers with D1",
            ("worker.js", "wrangler.toml"),
            ("cloudflare workers",),
        ),
        Example(
            "apps-script", "Google Apps Script, for a sheet", ("Code.gs",), ("google apps script",)
        ),
        Example(
            "express",
            "Node.js with Express",
            ("server.js", "package.json"),
            ("express", "node", "javascript"),
        ),
        Example("go", "Go", ("main.go",), ("go",)),
        Example("java", "Java without a framework", ("Recipients.java",), ("java", "spring")),
        Example("php", "plain PHP", ("recipients.php",), ("php",)),
    )
}


def example_for(stack: Mapping[str, str | None]) -> Example | None:
    """The example for a stack that a report recognized: by framework, else by language."""
    for member in ("framework", "language"):
        name = (stack.get(member) or "").lower()
        for example in EXAMPLES.values():
            if any(name == known or name.startswith(known + " ") for known in example.stacks):
                return example
    return None


def _folder() -> Traversable:
    """Inside the installed package, or in a checkout, from which the build copies it."""
    installed = resources.files(__name__.rsplit(".", 2)[0]) / "example_endpoints"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "examples/endpoints"

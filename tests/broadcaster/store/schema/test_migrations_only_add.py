"""Workers of the previous version go on while a migration runs: so it only adds, and fills only
columns that it added itself.
"""

import ast
import re
from pathlib import Path

import pytest

import broadcaster.store.schema.migrations as migrations

VERSIONS = sorted((Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))
ADDING = {"create_table", "create_index", "add_column"}
ADDED = re.compile(r"op\.add_column\('(\w+)', sa\.Column\('(\w+)'")


def operations(source: str) -> list[ast.Call]:
    """What a migration does, call by call."""
    return [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value) == "op"
    ]


def filled(source: str) -> set[tuple[str, str]]:
    """Table and column of the updates that a migration makes."""
    text = ast.unparse(ast.parse(source))
    tables = dict(re.findall(r"(\w+) = sa\.table\('(\w+)'", text))
    updates = re.findall(r"sa\.update\((\w+)\)\.values\((\w+)=[^,()]*\)", text)
    return {(tables[name], column) for name, column in updates}


def faults_of(source: str) -> list[str]:
    """What would disturb those who do not know of it yet."""
    faults = []
    added = set(ADDED.findall(ast.unparse(ast.parse(source))))
    for call in operations(source):
        name = call.func.attr  # type: ignore[attr-defined]
        text = ast.unparse(call)
        if name == "execute" and filled(source) and filled(source) <= added:
            continue
        if name not in ADDING:
            faults.append(f"{name} changes what is there")
        elif name == "add_column" and "nullable=True" not in text and "server_default" not in text:
            faults.append("add_column: an older version's insert would lack the value")
    return faults


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_a_migration_only_adds(path: Path) -> None:
    source = path.read_text("utf-8")
    assert operations(source)
    assert faults_of(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "op.drop_table('chunks')",
        "op.alter_column('chunks', 'rows', type_=int)",
        "op.add_column('chunks', sa.Column('new', sa.Text(), nullable=False))",
        "op.execute('UPDATE chunks SET rows = 1')",
        "t = sa.table('chunks')\nop.execute(sa.update(t).values(rows=1))",
    ],
)
def test_one_that_does_more_is_seen(source: str) -> None:
    assert len(faults_of(source)) == 1

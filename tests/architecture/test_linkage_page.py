"""The guide to linkage tells the truth: its example runs, and its tables are those of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from linkage.described import comparisons_table, rules_table, tokens_table
from linkage.frames import FEWEST_TO_TRAIN, LinkedFrames
from linkage.mapping import roles
from linkage.model import NUMBERS, model_for
from linkage.settings import LinkageSettings

title = "What the guide to linkage shows is so"

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "linkage.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    """The text of the one block of a kind."""
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    return str(text)


def test_a_stranger_links_two_files_in_ten_lines(tmp_path: Path) -> None:
    for name in ("clinic.csv", "school.csv"):
        (tmp_path / name).write_text(block(f"csv {name}"), encoding="utf-8")
    program = block("python")

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )

    assert ran.stdout.strip() == block("text").strip(), ran.stderr
    assert sorted(each.name for each in tmp_path.iterdir()) == ["clinic.csv", "school.csv"]
    assert len([line for line in program.splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize("table", [tokens_table, comparisons_table, rules_table])
def test_a_table_of_the_page_is_that_of_the_code(table) -> None:
    # When this fails: python -c "from linkage.described import describe; print(describe())"
    assert table() in PAGE


def test_every_rule_of_the_model_is_in_the_table() -> None:
    # A rule on a column that the page's writer does not know of would be missed without a sign.
    from linkage import model

    declared = {*model._BLOCKING, *model._WIDE}
    rows = [line for line in rules_table().splitlines()[2:] if "other_" not in line]
    assert len(rows) == len(declared)
    assert {name for name in NUMBERS if f"| {name} |" in rules_table()} == set(NUMBERS)
    assert model_for([]).blocking == ()


def test_every_role_every_part_of_the_result_and_every_limit_is_named() -> None:
    assert [role for role in roles() if f"{role} " not in PAGE and f"`{role}`" not in PAGE] == []
    for part in ("persons", "pairs", "model", "notes", "quality", "parameters", "counts"):
        assert hasattr(LinkedFrames, part) or part in LinkedFrames.__annotations__
        assert f"`{part}`" in PAGE
    assert f"fewer than {FEWEST_TO_TRAIN}" in PAGE
    assert f"({LinkageSettings().most_pairs // 1_000_000} million)" in PAGE

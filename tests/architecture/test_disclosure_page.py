"""The page on disclosure control tells the truth: its example runs, its limits are the code's, its pictures are those drawn."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from gateway.disclosure.ledger import counts, known, limits
from gateway.disclosure.ledger.costs import UPPER_OF_FEW
from gateway.disclosure.ledger.posterior import MOST_ROWS
from gateway.disclosure.rules import FLOORS

title = "What the page on disclosure control shows is so"

PROJECT = Path(__file__).resolve().parents[2]
PAGE = (PROJECT / "docs" / "disclosure.md").read_text(encoding="utf-8")
PICTURES = PROJECT / "docs" / "pictures"


def block(kind: str) -> str:
    """The text of the one block of a kind."""
    (text,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    return str(text)


def drawing() -> ModuleType:
    """The script that draws the pictures."""
    spec = importlib.util.spec_from_file_location("draw", PICTURES / "draw.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError("docs/pictures/draw.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_stranger_protects_a_frame_in_ten_lines(tmp_path: Path) -> None:
    program = block("python")

    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )

    assert ran.stdout.strip() == block("text").strip(), ran.stderr
    assert list(tmp_path.iterdir()) == []
    assert len([line for line in program.splitlines() if line.strip()]) <= 10


def test_the_pictures_are_those_that_the_script_draws() -> None:
    # When this fails: python docs/pictures/draw.py, and look at them.
    draw = drawing()

    for name in draw.PICTURES:
        assert (PICTURES / f"{name}.svg").read_text(encoding="utf-8") == draw.drawn(name), name
        assert f"](pictures/{name}.svg)" in PAGE


def test_the_limits_of_the_page_are_those_of_the_code() -> None:
    rows = (
        f"| a family's sensitive attribute | {known.LOWER_OF_ATTRIBUTE} | {known.UPPER_OF_ATTRIBUTE} |",
        f"| a family's cost | {limits.LOWER_OF_COST} | {limits.UPPER_OF_COST} |",
        f"| the cost of a group of s < 10 | | {limits.MOST_OF_GROUP} |",
        f"| a withheld cost of s < 10 families | {limits.LOWER_OF_COST}, or s / 10 if more | {UPPER_OF_FEW} |",
        f"| a withheld count of s < 10 families | {counts.LOWER_DRAWS} of a draw's variance left "
        f"| {counts.UPPER_DRAWS:.2f} of it left |",
    )
    for row in rows:
        assert row in PAGE
    assert f"At most {known.MOST_WATCHED:,} families" in PAGE
    assert f"at most {MOST_ROWS:,} independent sums" in PAGE


def test_the_floors_of_the_page_are_those_of_the_code() -> None:
    assert (FLOORS["noise_sd"], FLOORS["noise_limit"], FLOORS["rounding"]) == (2.0, 5.0, 5)
    assert "| sd 2, ± 5, base 5 |" in PAGE
    assert (FLOORS["min_cell"], FLOORS["cost_rounding_gbp"]) == (10, 500)
    assert "t 0.10 to 0.20, £500" in PAGE

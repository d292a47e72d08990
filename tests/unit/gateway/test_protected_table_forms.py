"""A protected table keeps its meaning in every form it takes."""

from gateway.client import Answer
from gateway.disclosure.protected import WITHHELD, Cell, ProtectedTable
from gateway.disclosure.quality import QUALITIES

TABLE = ProtectedTable(
    dimensions=(("district", "district"),),
    measures=("families",),
    cells=(
        Cell({"district": "blaby"}, "families", 25, None, "low"),
        Cell({"district": "melton"}, "families", None, WITHHELD),
    ),
    rules={"min_cell": 10},
)


def test_a_table_read_back_from_its_release_is_the_same_table():
    assert ProtectedTable.from_dict(TABLE.to_dict()) == TABLE
    assert ProtectedTable.from_dict(TABLE.to_dict()).to_csv() == TABLE.to_csv()


def test_a_withheld_cell_of_the_csv_has_a_mark_and_no_value():
    assert TABLE.to_csv().splitlines()[-1] == "melton,families,,[c],"


def test_the_quality_of_a_figure_stands_in_every_form():
    assert TABLE.to_csv().splitlines()[1] == "blaby,families,25,,low"
    assert TABLE.to_dict()["cells"][0]["quality"] == "low"
    assert TABLE.to_dict()["qualities"] == {"low": QUALITIES["low"]}
    assert TABLE.to_pandas()["quality"].fillna("").tolist() == ["low", ""]


def test_a_release_made_before_figures_had_a_quality_is_still_read():
    body = TABLE.to_dict()
    del body["qualities"]
    for cell in body["cells"]:
        del cell["quality"]
    old = ProtectedTable.from_dict(body)
    assert [cell.quality for cell in old.cells] == [None, None]
    assert old.to_csv().splitlines()[1:] == ["blaby,families,25,,", "melton,families,,[c],"]
    cells = [{k: v for k, v in cell.items() if k != "quality"} for cell in old.to_dict()["cells"]]
    assert Answer({"number": 1, "table": {"cells": cells}}).to_pandas()["quality"].isna().all()

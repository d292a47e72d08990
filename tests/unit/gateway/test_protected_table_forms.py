"""A protected table keeps its meaning in every form it takes."""

from gateway.disclosure.protected import WITHHELD, Cell, ProtectedTable

TABLE = ProtectedTable(
    dimensions=(("district", "district"),),
    measures=("families",),
    cells=(
        Cell({"district": "blaby"}, "families", 25, None),
        Cell({"district": "melton"}, "families", None, WITHHELD),
    ),
    rules={"min_cell": 10},
)


def test_a_table_read_back_from_its_release_is_the_same_table():
    assert ProtectedTable.from_dict(TABLE.to_dict()) == TABLE
    assert ProtectedTable.from_dict(TABLE.to_dict()).to_csv() == TABLE.to_csv()


def test_a_withheld_cell_of_the_csv_has_a_mark_and_no_value():
    assert TABLE.to_csv().splitlines()[-1] == "melton,families,,[c]"

"""Questions share one engine and see nothing of one another, nor of the machine."""

import duckdb
import pyarrow as pa
import pytest

from gateway.evaluation.engine import open_engine

ONE, TWO = pa.table({"a": [1]}), pa.table({"a": [2]})


def read(engine, sql):
    return engine._connection.sql(sql).fetchall()


def test_two_questions_at_once_see_their_own_tables_only():
    with open_engine({"events": ONE}, 2) as one, open_engine({"events": TWO}, 2) as two:
        assert read(one, "select a from events") == [(1,)]
        assert read(two, "select a from events") == [(2,)]


def test_nothing_is_left_of_a_question():
    with open_engine({"events": ONE}, 2):
        pass
    with open_engine({}, 2) as later:
        assert read(later, "select count(*) from information_schema.tables") == [(0,)]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/hostname')",
        "copy (select 1) to 'figures.csv'",
        "attach 'figures.db'",
        "set threads = 4",
        "set enable_external_access = true",
        "select * from ONE",
    ],
)
def test_no_file_no_setting_and_no_variable_is_within_reach(sql):
    with open_engine({}, 2) as engine, pytest.raises(duckdb.Error):
        engine._connection.execute(sql).fetchall()

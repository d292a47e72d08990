"""Splink's Spark backend as this library needs it: no checkpoint on disk, small work on the driver.

Expectation-maximisation reads nothing but a table of agreement patterns: some thousand rows of counts
and no token. On Spark each iteration costs seconds of planning, in DuckDB beside it milliseconds.
Only `spark` imports this module, once PySpark is known to be there: Splink imports it at once.
"""

from typing import Any

from splink import DuckDBAPI
from splink.backends.spark import SparkAPI

_PATTERNS = "__splink__agreement_pattern_counts"


class _SparkForSplink(SparkAPI):
    def __init__(self, session: Any, beside: Any) -> None:
        # Persisted blocks are encrypted like all that Spark spills; checkpoints never are.
        super().__init__(  # type: ignore[no-untyped-call]
            spark_session=session,
            break_lineage_method="persist",
            register_udfs_automatically=False,
        )
        self._beside = DuckDBAPI(beside)

    def sql_pipeline_to_splink_dataframe(self, pipeline: Any) -> Any:
        read = {frame.templated_name for frame in pipeline.input_dataframes}
        if read == {_PATTERNS}:
            return self._beside.sql_pipeline_to_splink_dataframe(pipeline)
        made: Any = super().sql_pipeline_to_splink_dataframe(pipeline)
        if made.templated_name == _PATTERNS:
            self._beside.register(made.as_pyarrow_table(), table_name=made.physical_name)
        return made


def spark_for_splink(session: Any, beside: Any) -> SparkAPI:
    """Splink's backend for a Spark session with an in-memory DuckDB beside it."""
    return _SparkForSplink(session, beside)

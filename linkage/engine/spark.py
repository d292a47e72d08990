"""The engine of a cluster: Spark, in a Java process that lives as long as one run (extra `spark`).

Tokens go in as Arrow tables over a local socket. What Spark writes to its own folders is encrypted
with a key that only its memory holds; nothing is logged, shown or checkpointed, and its messages are
withheld, because they quote SQL and may quote values.
"""

import subprocess
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import polars as pl

from linkage.engine.duckdb import in_memory
from linkage.engine.silence import silence_splink
from linkage.engine.words import in_words_of, signed
from linkage.errors import EngineMissing, LinkageFailed
from linkage.settings import LinkageSettings

if TYPE_CHECKING:
    import duckdb
    from pyspark.sql import DataFrame, SparkSession
    from splink.internals.splink_dataframe import SplinkDataFrame

# Whoever configures Spark may set anything but these.
SEALED = {
    "spark.io.encryption.enabled": "true",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.eventLog.enabled": "false",
    "spark.log.level": "OFF",
}
_ON_THIS_MACHINE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
_UNNAMED_MASTER = "local[*]"
_TALKATIVE = ("SQLQueryContextLogger", "DataFrameQueryContextLogger")
_SECONDS_TO_END = 30
# A process has room for one Spark.
_ONE_AT_A_TIME = Lock()


class SparkEngine:
    """Tables of one run as views of a Spark session."""

    dialect = "spark"

    def __init__(self, session: "SparkSession", beside: "duckdb.DuckDBPyConnection") -> None:
        from linkage.engine.spark_for_splink import spark_for_splink

        self._session = session
        self._splink = spark_for_splink(session, beside)

    def load(self, table: str, frame: pl.DataFrame) -> None:
        """Copy a frame into a table; its tokens become signed numbers with the same bits."""
        self._kept(table, self._session.createDataFrame(signed(frame).to_arrow()))

    def keep(self, table: str, query: str) -> None:
        """Keep the rows of a query as a table."""
        self._kept(table, self._session.sql(in_words_of(self.dialect, query)))

    def fetch(self, query: str) -> pl.DataFrame:
        """The rows of a query as a frame; whole numbers come back as signed ones of 64 bits."""
        rows = pl.from_arrow(self._session.sql(in_words_of(self.dialect, query)).toArrow())
        return rows if isinstance(rows, pl.DataFrame) else rows.to_frame()

    def registered(self, table: str) -> "SplinkDataFrame":
        """A table as Splink wants it."""
        return self._splink.register(table)

    def forget(self) -> None:
        """Spark makes room by itself."""

    def _kept(self, table: str, rows: "DataFrame") -> None:
        rows.persist().createOrReplaceTempView(table)


@contextmanager
def spark_engine(settings: LinkageSettings) -> Iterator[SparkEngine]:
    """A Spark of this run's own; any failure of it leaves as `LinkageFailed`.

    Without a master in Spark's own configuration it runs on this machine, in `threads` threads and
    `memory_mb` of heap, and listens on the loopback address only.

    Raises:
        EngineMissing: PySpark or Java is not installed.
    """
    _require_installed()
    _silence_pyspark()
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from splink.internals.exceptions import SplinkException

    silence_splink()
    with _ONE_AT_A_TIME:
        try:
            with _session(settings) as session, closing(in_memory(settings)) as beside:
                yield SparkEngine(session, beside)
        except (Py4JError, PySparkException, SplinkException, ConnectionError) as failure:
            raise LinkageFailed(f"The linkage engine stopped: {type(failure).__name__}") from None


def _require_installed() -> None:
    try:
        with warnings.catch_warnings():
            # It speaks of pandas, which is not used here.
            warnings.simplefilter("ignore", FutureWarning)
            import pyspark.testing  # noqa: F401
    except ImportError:
        raise EngineMissing(
            "The linkage engine spark is not installed: install the extra `spark` "
            "(families-data-gateway[spark]) and Java 17 or later"
        ) from None


def _silence_pyspark() -> None:
    """PySpark tells its own log of every query that fails, with the query."""
    from pyspark.logger import PySparkLogger

    for name in _TALKATIVE:
        PySparkLogger.getLogger(name).disabled = True


@contextmanager
def _session(settings: LinkageSettings) -> Iterator["SparkSession"]:
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    gateway = _java(settings)
    try:
        SparkContext._gateway, SparkContext._jvm = gateway, gateway.jvm
        context = SparkContext(conf=_configuration(gateway, settings))
        try:
            yield SparkSession(context)
        finally:
            context.stop()
    finally:
        SparkContext._gateway = SparkContext._jvm = None
        _end(gateway)


def _java(settings: LinkageSettings) -> Any:
    """The Java process: mute, its files for its owner only, its memory gone with it."""
    from pyspark import SparkConf
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway

    mute = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    memory = SparkConf(loadDefaults=False).set("spark.driver.memory", f"{settings.memory_mb}m")
    try:
        return launch_gateway(memory, {**mute, "umask": 0o077})
    except PySparkRuntimeError:
        raise EngineMissing(
            "The linkage engine spark does not start: it needs Java 17 or later (JAVA_HOME)"
        ) from None


def _configuration(gateway: Any, settings: LinkageSettings) -> Any:
    """What Spark was configured to be, and over it what this library insists on."""
    from pyspark import SparkConf

    configured = SparkConf(_jvm=gateway.jvm)
    wanted = {"spark.app.name": "linkage", **SEALED}
    if configured.get("spark.master", _UNNAMED_MASTER) == _UNNAMED_MASTER:
        wanted |= _ON_THIS_MACHINE | {
            "spark.master": f"local[{settings.threads}]",
            "spark.sql.shuffle.partitions": str(2 * settings.threads),
            "spark.default.parallelism": str(2 * settings.threads),
            "spark.sql.warehouse.dir": _folder(gateway),
        }
    for name, value in wanted.items():
        configured.set(name, value)
    return configured


def _folder(gateway: Any) -> str:
    """A folder for tables, which there are none of: Java's own, gone with the process.

    Without it Spark makes one in the working directory, and leaves it there.
    """
    temporary = gateway.jvm.java.lang.System.getProperty("java.io.tmpdir")
    return str(
        gateway.jvm.org.apache.spark.util.Utils.createTempDir(temporary, "linkage").getPath()
    )


def _end(gateway: Any) -> None:
    gateway.shutdown()
    # None when `spark-submit` started this program: that Java process is not ours to end.
    if gateway.proc is not None:
        gateway.proc.stdin.close()
        try:
            gateway.proc.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            gateway.proc.kill()

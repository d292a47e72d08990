"""The second engine: the same links as the first, and nothing of them left on the machine.

Every test starts a Java process of its own, as every run does.
"""

import os
from ipaddress import ip_address
from pathlib import Path

import polars as pl
import pytest

from linkage import LinkageSettings, link_records
from linkage.engine import open_engine, spark
from linkage.errors import EngineMissing, LinkageFailed
from linkage.evaluate import pair_quality
from linkage.tokens import LinkageKey, tokenise

pytest.importorskip("pyspark", reason="the extra spark is not installed (make test-spark)")
DATA = Path(os.environ.get("GATEWAY_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
FEBRL = pytest.mark.skipif(
    not (DATA / "febrl4a.csv").exists(), reason="febrl4 is not in GATEWAY_TEST_DATA"
)
pytestmark = [pytest.mark.spark, pytest.mark.xdist_group("spark")]
MEMORY_MB = 2048
TOKEN = 0xA1B2_C3D4_E5F6_0718


def agency(letter):
    """One agency's list of FEBRL4 without its national ids."""
    raw = pl.read_csv(DATA / f"febrl4{letter}.csv", infer_schema=False)
    raw = raw.rename({c: c.strip() for c in raw.columns})
    raw = raw.with_columns(pl.all().str.strip_chars().replace("", None)).with_row_index("row")
    identifiers = raw.select(
        pl.col("row").cast(pl.UInt32),
        pl.lit(None, dtype=pl.Date).alias("seen_on"),
        forename="given_name",
        surname="surname",
        date_of_birth=pl.col("date_of_birth").str.replace(r"^(....)(..)(..)$", "$1-$2-$3"),
        postcode="postcode",
        agency_id="rec_id",
        other_suburb="suburb",
        other_street="address_1",
    )
    return tokenise(identifiers, LinkageKey(b"\x03" * 32), namespace=letter).select(
        pl.exclude("row"),
        record=pl.concat_str(pl.lit(letter), "row"),
        agency=pl.lit(letter),
        dataset=pl.lit("people"),
        clean_list=pl.lit(value=True),
    )


@pytest.fixture(scope="module")
def febrl():
    return pl.concat([agency("a"), agency("b")])


def asked(engine, **more):
    return LinkageSettings(engine=engine, u_pairs=500_000, memory_mb=MEMORY_MB, **more)


@FEBRL
def test_both_engines_link_febrl4_alike(febrl):
    one, other = (link_records(febrl, asked(engine)) for engine in ("duckdb", "spark"))
    assert other.counts == one.counts
    assert other.parameters["model"] == one.parameters["model"]
    assert other.parameters["blocking"] == one.parameters["blocking"]
    assert other.quality == one.quality
    assert one.counts["persons"] < 5_100
    assert grouped(other.persons) == grouped(one.persons)


def grouped(persons):
    """The groups of records, whatever their random ids."""
    return set(
        persons.group_by("person")
        .agg(pl.col("record").sort())["record"]
        .map_elements(tuple, return_dtype=pl.Object)
    )


@FEBRL
def test_a_model_trained_on_one_engine_serves_the_other(febrl):
    few = febrl.filter(pl.col("record").str.ends_with("7"))
    trained = link_records(febrl, asked("duckdb")).parameters["model"]
    one, other = (link_records(few, asked(e, model=trained)) for e in ("duckdb", "spark"))
    assert pair_quality(other.persons, one.persons).f1 == 1.0
    assert other.parameters["model"] == one.parameters["model"] == trained


def spilled(engine):
    """Tokens forced out of memory: a block kept on disk, a shuffle, and what was sent to Java."""
    from pyspark import StorageLevel

    engine.load(
        "tokens",
        pl.DataFrame(
            {"token": [TOKEN] * 50_000, "n": range(50_000)}, schema_overrides={"token": pl.UInt64}
        ),
    )
    rows = engine._session.table("tokens").repartition(3, "n").persist(StorageLevel.DISK_ONLY)
    assert rows.count() == 50_000


def files_with_the_token(folder):
    wanted = [TOKEN.to_bytes(8, order) for order in ("little", "big")]
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) > 10_000
    return [file for file in files if any(token in file.read_bytes() for token in wanted)]


@pytest.mark.parametrize(("sealed", "found"), [("true", False), ("false", True)])
def test_no_token_is_in_the_clear_in_what_spark_writes(tmp_path, monkeypatch, sealed, found):
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path))
    # The second case shows that this search would find one.
    monkeypatch.setitem(spark.SEALED, "spark.io.encryption.enabled", sealed)
    with open_engine(asked("spark")) as engine:
        spilled(engine)
        assert bool(files_with_the_token(tmp_path)) is found
        open_to_others = [f for f in tmp_path.rglob("*") if f.stat().st_mode & 0o077]
        assert open_to_others == []
    assert list(tmp_path.rglob("*")) == []


def listening(process):
    """The addresses on which a process accepts connections, from Linux's own tables."""
    held = {os.readlink(fd) for fd in Path(f"/proc/{process}/fd").iterdir() if fd.is_symlink()}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            local, state, inode = (line.split()[column] for column in (1, 3, 9))
            if state == "0A" and f"socket:[{inode}]" in held:
                words = bytes.fromhex(local.split(":")[0])
                swapped = b"".join(words[at : at + 4][::-1] for at in range(0, len(words), 4))
                address = ip_address(swapped)
                found.append(getattr(address, "ipv4_mapped", None) or address)
    return found


def test_a_run_is_silent_listens_on_loopback_only_and_ends_its_java(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LinkageFailed) as failed:
        asks_for_what_is_not_there(found := {})
    assert str(failed.value) == "The linkage engine stopped: AnalysisException"
    assert found["sum"] == [6]
    assert found["addresses"]
    assert all(address.is_loopback for address in found["addresses"])
    assert found["java"].poll() == 0
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def asks_for_what_is_not_there(found):
    with open_engine(asked("spark")) as engine:
        found["java"] = engine._session.sparkContext._gateway.proc
        engine.load("tokens", pl.DataFrame({"token": [1, 2, 3]}))
        found["sum"] = engine.fetch("SELECT sum(token) AS n FROM tokens")["n"].to_list()
        found["addresses"] = listening(found["java"].pid)
        engine.fetch("SELECT secret FROM nowhere")


def test_without_java_it_says_what_is_needed(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineMissing, match="Java 17"), open_engine(asked("spark")):
        pass

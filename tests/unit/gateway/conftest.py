"""A real door (the shipped protocol, a real log) and a real store, for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import policies
from audit import AuditLog
from gateway.access import Access, Door
from gateway.keys import FileKeystore, Keys
from gateway.store import NewSubmission, Store
from policies import Actor, Request, Rulebook

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PROTOCOL = Path(policies.__file__).parent / "protocols" / "exampleshire-families-2026.yaml"
TRAINING = {"five_safes": 10, "isp_briefing": 10}
ROLES = {
    "submit": ("data_officer", "police"),
    "withdraw_own": ("data_officer", "police"),
    "see_own_submissions": ("data_officer", "police"),
    "link": ("linkage_officer", "gateway"),
    "measure_quality": ("linkage_officer", "gateway"),
    "query": ("evaluator", "council"),
    "read_releases": ("evaluator", "council"),
    "read_audit": ("ig_officer", "council"),
    "manage_users": ("administrator", "gateway"),
}
DATASETS = {"police": "contacts", "council": "early_help", "housing": "tenancies"}
Opening = Callable[..., AbstractContextManager[Access]]


def make_request(action: str, agency: str | None = None) -> Request:
    """A request that the shipped protocol permits."""
    role, usual = ROLES[action]
    agency = agency or usual
    actor = Actor(f"staff-{role}", role, agency, training=TRAINING)
    if action == "submit":
        dataset = (agency, DATASETS[agency])
        return Request(actor, action, NOW.date(), dataset=dataset, attestation_age_days=1)
    if action != "query":
        return Request(actor, action, NOW.date(), optout_age_days=1)
    return Request(
        actor,
        action,
        NOW.date(),
        purpose="sf-evaluation",
        cohort="all-families",
        unit="family",
        measures=("families",),
        dimensions={"district": "district"},
        optout_age_days=1,
    )


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    return FileKeystore.create(folder / "keystore.json", key_file=folder / "key")


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    return Rulebook.load(PROTOCOL)


@pytest.fixture
def log(tmp_path: Path, keys: Keys) -> Iterator[AuditLog]:
    origin = "gateway.example/test"
    with AuditLog.open(
        tmp_path / "log", keys.audit_signer(), origin, checkpoint_seconds=None, ballast_bytes=4096
    ) as opened:
        yield opened


@pytest.fixture
def door(rulebook: Rulebook, log: AuditLog) -> Door:
    return Door(rulebook, log, lambda: NOW)


@pytest.fixture
def opening(door: Door) -> Opening:
    """`with opening("submit", "housing") as access`."""
    return lambda action, agency=None: door.open(make_request(action, agency))


@pytest.fixture
def store(tmp_path: Path, keys: Keys) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.db", tmp_path / "lake", keys) as opened:
        yield opened


def token_frame(rows: int = 50, seed: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": pl.Series(range(1, rows + 1), dtype=pl.UInt32),
            "surname": pl.Series(
                [(seed << 40) + row * 7919 for row in range(rows)], dtype=pl.UInt64
            ),
            "surname_edits": pl.Series([[row, row + 1] for row in range(rows)]).cast(
                pl.List(pl.UInt64)
            ),
        }
    )


def record_frame(rows: int = 50) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "row": pl.Series(range(1, rows + 1), dtype=pl.UInt32),
            "offence_group": ["burglary" if row % 2 else "violence" for row in range(rows)],
            "cost_pence": pl.Series([row * 100 for row in range(rows)], dtype=pl.Int64),
        }
    )


def new_submission(
    agency: str = "police", fingerprint: str = "ab" * 32, **changes: Any
) -> NewSubmission:
    values: dict[str, Any] = {
        "agency": agency,
        "dataset": DATASETS[agency],
        "fingerprint": fingerprint,
        "size_bytes": 4096,
        "rows_read": 52,
        "rows_accepted": 50,
        "rows_refused": 2,
        "report": {"counts": {"date_in_future": 2}},
    }
    return NewSubmission(**values | changes)

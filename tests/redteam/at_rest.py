"""What a thief of the whole home can open, by the keys that go with it.

In: a gateway's home and a vault. Out: every table that opens, of the lake and of the state, and the names of those files
that do not. Nothing of the gateway helps: files are read from the disk as they lie there.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from gateway.config import Settings
from gateway.keys import Keys, KeyUnwrapFailed, Sealed, Vault
from gateway.store.seal import SealedFile, unseal


@dataclass(frozen=True)
class Loot:
    """Tables by where they lay (`lake/...` or `state/...`), and the files that stayed closed."""

    tables: dict[str, pl.DataFrame]
    closed: tuple[str, ...]

    def of_lake(self) -> dict[str, pl.DataFrame]:
        """The opened files of the lake."""
        return {place: table for place, table in self.tables.items() if place.startswith("lake/")}


def store_key(keys: Keys) -> Vault:
    """All that opens service records, links and vintages; in place of the linkage role's key there is chance."""
    return Vault(secrets.token_bytes(32), keys._roots.records)


def linkage_role_key(keys: Keys) -> Vault:
    """What opens the tokens as well."""
    return keys.vault


def plunder(settings: Settings, vault: Vault) -> Loot:
    """Everything of a closed home that this vault opens."""
    state = _state(settings)
    lake_id = state["state/store_marks"]["lake_id"][0]
    tables, closed = {}, []
    for row in state["state/lake_files"].iter_rows(named=True):
        name = f"{lake_id}/{row['path']}"
        try:
            data_key = vault.unwrap(Sealed(row["kind"]), name, row["wrapped_key"])
        except KeyUnwrapFailed:
            closed.append(row["path"])
            continue
        expected = SealedFile(row["sha256"], row["size_bytes"], row["row_count"])
        table = unseal(settings.lake / row["path"], data_key, name, expected)
        tables[f"lake/{row['path'].removesuffix('.parquet')}"] = pl.DataFrame(table)
    return Loot({**tables, **state}, tuple(closed))


def _state(settings: Settings) -> dict[str, pl.DataFrame]:
    file = Path(settings.state_url.removeprefix("sqlite:///"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {}
        for (name,) in names:
            cursor = database.execute(f"SELECT * FROM {name}")
            columns = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            values = {
                column: pl.Series([row[at] for row in rows], strict=False)
                for at, column in enumerate(columns)
            }
            found[f"state/{name}"] = pl.DataFrame(values)
    return found

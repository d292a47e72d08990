"""Settings of one gateway: read once at the entrance, from the environment, and handed down as values.

In: variables named GATEWAY_...; out: a frozen `Settings`. Holds paths and limits, never a secret.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

MEBIBYTE = 1024 * 1024


class SettingsFaulty(ValueError):
    """A setting is not of its form; the message names it, never its value."""


class Settings(BaseSettings):
    """Where this gateway keeps its things and what it accepts. Every field can be set as GATEWAY_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True, extra="forbid")

    home: Path = Path("gateway-home")
    """Folder of everything this gateway keeps: state, records, log, key store."""
    database_url: str | None = None
    """SQLAlchemy address of the state; SQLite below `home` when unset."""
    key_file: Path | None = None
    """File that opens the key store; `home`/keys/unlock.key when unset and no passphrase is given."""
    catalogue: tuple[Path, ...] = ()
    """Folders with declarations of further agencies, beside the shipped ones."""
    protocols: tuple[Path, ...] = ()
    """Protocol documents in force; the shipped one when empty."""
    questions: Path | None = None
    """Catalogue of dimensions and measures; the shipped one when unset."""
    log_origin: str = "families-data-gateway.local"
    """Name of the audit log, signed into every checkpoint."""
    linkage_domain: str = "supporting-families"
    linkage_epoch: int = 1
    linkage_seed: int = 20261122
    linkage_engine: Literal["duckdb", "spark"] = "duckdb"
    """Where records are compared: in this process, or by Spark (extra `spark`)."""
    linkage_memory_mb: int = Field(default=4096, ge=256)
    """Memory of the linkage engine on this machine, which never writes tokens to its disk."""
    national_numbers: Literal["keyed", "oblivious"] = "keyed"
    """How NHS numbers, NINOs and UPNs are tokenised: all agencies of the domain in the same way."""
    oprf_epoch: int = Field(default=1, ge=1)
    """Age of the keys of the oblivious function."""
    oprf_daily_limit: int = Field(default=250_000, ge=0)
    """Blinded numbers that are answered for one agency in a day."""
    max_upload_bytes: int = 512 * MEBIBYTE
    host: str = "127.0.0.1"
    port: int = 8321
    workers: int = 2
    """Jobs that run side by side."""
    trace_file: Path | None = None
    """Where finished traces go, one JSON object per line; nowhere when unset."""

    @property
    def state_url(self) -> str:
        """SQLAlchemy address of the state."""
        return self.database_url or f"sqlite:///{self.home / 'state' / 'gateway.db'}"

    @property
    def lake(self) -> Path:
        """Folder of the encrypted record files."""
        return self.home / "lake"

    @property
    def audit(self) -> Path:
        """Folder of the audit log."""
        return self.home / "audit"

    @property
    def key_store(self) -> Path:
        """File of the wrapped keys."""
        return self.home / "keys" / "keystore.json"

    @property
    def unlock_file(self) -> Path:
        """File that opens the key store when no passphrase is given."""
        return self.key_file or self.home / "keys" / "unlock.key"


def read_settings(home: Path) -> Settings:
    """The settings of the gateway in `home`. Raises SettingsFaulty."""
    try:
        return Settings(home=home)
    except ValidationError as error:
        names = {str(fault["loc"][0]).upper() for fault in error.errors(include_input=False)}
        told = ", ".join(f"GATEWAY_{name}" for name in sorted(names))
        raise SettingsFaulty(f"{told}: not of the form that it should have") from None
    except SettingsError:
        # Pydantic's text names the field in a way that only its authors would look up.
        raise SettingsFaulty('a list is written as JSON: ["/etc/gateway/protocol.yaml"]') from None

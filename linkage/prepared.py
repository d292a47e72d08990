"""Token frames that somebody else made: which columns they have, and whether they were made with our keys.

In: identifier roles, a linkage secret, a frame. Out: what to expect of the frame, or TokensForeign by the rule that does not
hold. It sees tokens only. A wrong key shows where a level has few possible values: all its tokens are known to us.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import polars as pl

from linkage.errors import TokensForeign
from linkage.tokens.keys import LinkageKey
from linkage.tokens.level_keys import LevelKeys, levels_of

__all__ = ["LevelKeys", "TokenFrame", "level_keys", "token_schema"]

_CARRIED = {"row": pl.List(pl.UInt32), "seen_on": pl.List(pl.Date)}
# Levels whose every value can be named: all tokens in them are among these values' tokens.
_FEW = {
    ("sex", "exact"): ("F", "M"),
    ("date_of_birth", "year"): tuple(f"{year:04}" for year in range(10_000)),
}


def level_keys(secret: bytes, roles: Iterable[str]) -> LevelKeys:
    """The keys that tokenise these roles, from the secret of a linkage domain and epoch."""
    return LevelKeys.of(LinkageKey(secret), roles)


def token_schema(roles: Iterable[str]) -> pl.Schema:
    """The columns of a token frame in which equal tokens are told once, with their types."""
    made = {
        field.column(level): pl.List(pl.UInt64) if level.is_set else pl.UInt64()
        for field, level in levels_of(roles)
    }
    return pl.Schema({**_CARRIED, **made})


@dataclass(frozen=True)
class TokenFrame:
    """A frame of `token_schema` that came from elsewhere, and the roles that its dataset declares."""

    frame: pl.DataFrame
    roles: Collection[str]

    def require_whole(self) -> None:
        """Raise TokensForeign unless each role has all its levels or none, and no set has a gap."""
        for role in self.roles:
            columns = [field.column(level) for field, level in levels_of([role])]
            present = [column for column in columns if column in self.frame.columns]
            if present and len(present) < len(columns):
                raise TokensForeign("levels_missing", role)
        for name, dtype in self.frame.schema.items():
            if isinstance(dtype, pl.List) and _has_gap(self.frame[name]):
                raise TokensForeign("token_missing", name)

    def require_days(self, records: pl.DataFrame, date: str) -> None:
        """Raise TokensForeign unless the rows and days are those of the records, each once."""
        told = self.frame.select(*_CARRIED)
        if (told["row"].list.len() != told["seen_on"].list.len()).any():
            raise TokensForeign("rows_disagree", "row")
        by_row = told.explode(*_CARRIED).sort("row")
        days = records.select("row", pl.col(date).alias("seen_on")).sort("row")
        if not by_row.equals(days):
            raise TokensForeign("rows_disagree", "row")

    def require_ours(self, keys: LevelKeys) -> None:
        """Raise TokensForeign when tokens of a level with few values are none that these keys make."""
        for field, level in levels_of(self.roles):
            column, few = field.column(level), _FEW.get((field.role, level.name))
            if few is not None and column in self.frame.columns:
                made = keys.pseudonymiser(field.key, level.name).tokens(pl.Series(few))
                if not self.frame[column].drop_nulls().is_in(pl.Series(made).implode()).all():
                    raise TokensForeign("wrong_key", column)


def _has_gap(lists: pl.Series) -> bool:
    return bool(lists.explode(empty_as_null=False, keep_nulls=False).null_count())

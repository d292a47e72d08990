"""Files: what the commands of this library read, as frames; what cannot be read is a named error without its content.

CSV (all text) and Parquet tables, a mapping in YAML, a key of 32 bytes. Never reads a key from an argument or the environment.
"""

from pathlib import Path
from typing import Any

import polars as pl

from linkage.errors import EvaluationInvalid, FileUnreadable
from linkage.tokens import LinkageKey


def read_table(path: Path) -> pl.DataFrame:
    """A CSV file, every column as text, or a Parquet file.

    Raises:
        FileUnreadable: it is not there, or neither.
    """
    try:
        if path.suffix.lower() in (".parquet", ".pq"):
            return pl.read_parquet(path)
        read = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError):
        # Their messages may quote a line of the file.
        raise FileUnreadable(f"{path} cannot be read as CSV (UTF-8) or Parquet") from None
    return read.rename({column: column.strip() for column in read.columns})


def read_groups(path: Path, records: list[str], group: str, aside: str = "") -> pl.DataFrame:
    """record, person, then all other columns: which group each record of a file is in, as text.

    The group is in the column named, else in the last; the record is in the columns named, else in
    all the others together, but for the one set `aside`.

    Raises:
        FileUnreadable; EvaluationInvalid: a column is not there, or is empty in some rows.
    """
    table = read_table(path)
    group = group or (table.columns[-1] if table.columns else "")
    numbered_by = records or [c for c in table.columns if c not in (group, aside)]
    absent = [column for column in (*numbered_by, group) if column not in table.columns]
    if absent or not numbered_by:
        raise EvaluationInvalid(
            f"{path} needs a column for the record and one for its group; it has "
            f"{', '.join(table.columns) or 'none'}"
        )
    text = table.select(pl.col(*numbered_by).cast(pl.String), pl.col(group).cast(pl.String))
    if sum(text.null_count().row(0)):
        raise EvaluationInvalid(
            f"{path}: {', '.join(numbered_by)} or {group} is empty in some rows"
        )
    record = pl.concat_str(numbered_by, separator="\x1f")
    others = [c for c in table.columns if c not in (*numbered_by, group, "record", "person")]
    return text.select(record=record, person=group).hstack(table.select(others))


def read_mapping(path: Path) -> dict[str, Any]:
    """Columns and their roles, or files and their columns and roles, from YAML.

    Raises:
        FileUnreadable: it is not there, not YAML, names a column twice, or is no mapping.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        read = YAML(typ="safe", pure=True).load(path)
    except OSError:
        raise FileUnreadable(f"{path} cannot be read") from None
    except YAMLError as wrong:
        raise FileUnreadable(f"{path} is not valid YAML: {type(wrong).__name__}") from None
    if not isinstance(read, dict):
        raise FileUnreadable(f"{path} does not say which column is what: 'surname: surname'")
    return read


def read_key(path: Path) -> LinkageKey:
    """A linkage secret: a file of exactly 32 bytes.

    Raises:
        FileUnreadable, LinkageKeyInvalid.
    """
    try:
        secret = path.read_bytes()
    except OSError:
        raise FileUnreadable(f"{path} cannot be read") from None
    return LinkageKey(secret)

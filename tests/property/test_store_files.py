"""A sealed file gives back exactly the frame that went in, or says by name that it cannot."""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.contents import IDENTIFIERS, require_records, require_tokens
from gateway.store.errors import UnsealedContent
from gateway.store.seal import SealBroken, SealedFile, seal, unseal

KEY = bytes(range(32))
COLUMNS = st.sampled_from(
    [
        (pl.UInt64(), st.integers(0, 2**64 - 1)),
        (pl.Int64(), st.integers(-(2**63), 2**63 - 1)),
        (pl.Float64(), st.floats(allow_nan=False)),
        (pl.Boolean(), st.booleans()),
        (pl.String(), st.text()),
        (pl.Date(), st.dates(date(1900, 1, 1), date(2100, 1, 1))),
        (pl.List(pl.UInt64()), st.lists(st.integers(0, 2**64 - 1), max_size=4)),
    ]
)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@st.composite
def frames(draw: st.DrawFn) -> pl.DataFrame:
    rows = draw(st.integers(0, 12))
    columns = draw(st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=5))
    return pl.DataFrame(
        {
            name: pl.Series(
                draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), dtype=kind
            )
            for name, (kind, values) in columns.items()
        }
    )


@contextmanager
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "file"


@settings(max_examples=60, deadline=None)
@given(frames(), st.text(st.characters(codec="utf-8"), max_size=40))
def test_what_went_in_comes_out(frame: pl.DataFrame, name: str) -> None:
    with place() as path:
        sealed = seal(frame, path, KEY, name)
        found = pl.DataFrame(unseal(path, KEY, name, sealed))
        assert found.equals(frame)
        assert found.schema == frame.schema
        assert sealed.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert (sealed.size_bytes, sealed.row_count) == (path.stat().st_size, len(frame))


@settings(max_examples=100, deadline=None)
@given(frames(), st.data())
def test_any_change_of_any_length_is_named(frame: pl.DataFrame, data: st.DataObject) -> None:
    with place() as path:
        sealed = seal(frame, path, KEY, "name")
        whole = path.read_bytes()
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, min(len(whole), start + 40)))
        changed = whole[:start] + data.draw(st.binary(max_size=40)) + whole[end:]
        path.write_bytes(changed)
        if changed == whole:
            return
        with pytest.raises(SealBroken):
            unseal(path, KEY, "name", sealed)
        # And by the cipher alone, for somebody who can make the digest fit: the frame is the same
        # one, or it does not open. (The format's first four bytes say nothing of the content.)
        fitting = SealedFile(hashlib.sha256(changed).hexdigest(), len(changed), len(frame))
        try:
            found = pl.DataFrame(unseal(path, KEY, "name", fitting))
        except SealBroken:
            return
        assert found.equals(frame)


ROWS = {"row": pl.Series([1, 2], dtype=pl.UInt32)}


@given(COLUMNS, NAMES.filter(lambda name: name not in ("row", "seen_on")))
def test_a_token_frame_passes_only_if_it_holds_tokens(
    column: tuple[pl.DataType, object], name: str
) -> None:
    kind = column[0]
    frame = pl.DataFrame(ROWS).with_columns(pl.lit(None).cast(kind).alias(name))
    if kind in (pl.UInt64(), pl.List(pl.UInt64())):
        require_tokens(frame)
    else:
        with pytest.raises(UnsealedContent):
            require_tokens(frame)


@given(st.sampled_from(sorted(IDENTIFIERS)) | NAMES.map("other_{}".format))
def test_a_record_frame_never_passes_with_an_identifier(name: str) -> None:
    with pytest.raises(UnsealedContent):
        require_records(pl.DataFrame(ROWS).with_columns(pl.lit(None).alias(name)))

"""What a gateway refuses in a bundle, by which rule; each leaves an entry in the log and nothing in the lake."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from prepared_site import Prepared, Site

from agencies.register import Dataset
from gateway.pipeline.bundle_rules import BundleRefused
from linkage.tokens.level_keys import LevelKeys

title = "A bundle that is not sound is refused by name, and nothing of it stays"

Bend = Callable[[Prepared], Prepared]


def other_keys(prepared: Prepared) -> Prepared:
    """Tokens of keys that this gateway never had, with their own check values: an honest mistake."""
    strange = {name: os.urandom(32) for name in prepared.package.level_keys}
    return Prepared.of_keys(prepared, LevelKeys(strange))


def forged_checks(prepared: Prepared) -> Prepared:
    """The same, but with the check values of the right keys, which somebody copied."""
    return Prepared.with_checks(other_keys(prepared), prepared.checks)


def rows_of(prepared: Prepared, keep: pl.Expr) -> Prepared:
    """Only some of the service records."""
    return prepared.having(prepared.records.filter(keep))


def twice(prepared: Prepared) -> Prepared:
    """The first record stands there a second time."""
    return prepared.having(pl.concat([prepared.records, prepared.records.head(1)]))


def same_number(prepared: Prepared) -> Prepared:
    """Two records with one row number."""
    first = prepared.records["row"][0]
    return prepared.with_records(pl.lit(first, pl.UInt32).alias("row"))


def finding(prepared: Prepared, *said: object) -> Prepared:
    """One more finding in the report."""
    return prepared.reporting(findings=[*prepared.report["findings"], list(said)])


LATE = pl.lit(date(2099, 1, 1))
BENT: dict[str, tuple[str, Bend]] = {
    # what is wrong in the envelope: the rule, and how it is bent
    "keys of another gateway": ("wrong_key", other_keys),
    "keys of another gateway, check values copied": ("wrong_key", forged_checks),
    "a check value is missing": (
        "wrong_key",
        lambda p: Prepared.with_checks(p, dict(list(p.checks.items())[1:])),
    ),
    "another epoch is stated": ("old_epoch", lambda p: p.under(epoch=0)),
    "another domain is stated": ("old_epoch", lambda p: p.under(domain="another-programme")),
    "another declaration is stated": (
        "catalogue_changed",
        lambda p: p.under(declaration="cd" * 32),
    ),
    # Records: whatever intake would not have accepted.
    "a code that is not in the list": (
        "unknown_code",
        lambda p: p.with_records(pl.lit("accomplice").alias("role")),
    ),
    "the agency's code in place of its meaning": (
        "not_as_declared",
        lambda p: p.with_records(pl.lit("SUS").alias("role")),
    ),
    "a day that has not come": (
        "date_in_future",
        lambda p: p.with_records(LATE.alias("contact_on")),
    ),
    "a day long ago": (
        "date_too_early",
        lambda p: p.with_records(pl.lit(date(1801, 1, 1)).alias("contact_on")),
    ),
    "a required cell is empty": (
        "required_missing",
        lambda p: p.with_records(pl.lit(None, pl.Date).alias("contact_on")),
    ),
    "an age band that is none": (
        "not_as_declared",
        lambda p: p.with_records(pl.lit("41").alias("age_band")),
    ),
    "a name in the column of sex": (
        "not_as_declared",
        lambda p: p.with_records(pl.lit("Zephyrine").alias("sex")),
    ),
    "a code as a number": ("column_type", lambda p: p.with_records(pl.lit(7).alias("role"))),
    "an identifier among the records": (
        "undeclared_column",
        lambda p: p.with_records(pl.lit("Quistgaard").alias("surname")),
    ),
    "free text among the records": (
        "undeclared_column",
        lambda p: p.with_records(pl.lit("seen at home").alias("notes")),
    ),
    "a column less": ("missing_column", lambda p: p.having(p.records.drop("role"))),
    "more rows than the report accepts": ("rows_disagree", twice),
    "fewer rows than the report accepts": (
        "rows_disagree",
        lambda p: rows_of(p, pl.col("row") > p.records["row"][0]),
    ),
    "a row number twice": ("row_numbers", same_number),
    "row numbers out of order": ("row_numbers", lambda p: p.having(p.records.reverse())),
    "row numbers beyond the file": (
        "row_numbers",
        lambda p: p.with_records((pl.col("row") + 100_000).cast(pl.UInt32)),
    ),
    # Tokens.
    "a name in a token column": (
        "column_type",
        lambda p: p.with_tokens(pl.lit("Quistgaard").alias("surname_exact")),
    ),
    "a name in a column of its own": (
        "undeclared_column",
        lambda p: p.with_tokens(pl.lit("Quistgaard").alias("surname")),
    ),
    "tokens as signed numbers": (
        "column_type",
        lambda p: p.with_tokens(pl.lit(7, pl.Int64).alias("surname_exact")),
    ),
    "a level is missing": (
        "missing_column",
        lambda p: Prepared.with_frame(p, p.tokens.drop("surname_near")),
    ),
    "a level of an optional field is missing": (
        "tokens_form",
        lambda p: Prepared.with_frame(p, p.tokens.drop("postcode_near")),
    ),
    "a gap in a set": (
        "tokens_form",
        lambda p: p.with_tokens(pl.lit([None], pl.List(pl.UInt64)).alias("surname_near")),
    ),
    "tokens of rows that were not accepted": (
        "rows_disagree",
        lambda p: p.with_tokens(pl.col("row").list.eval(pl.element() + 1)),
    ),
    "tokens of other days": (
        "rows_disagree",
        lambda p: p.with_tokens(pl.col("seen_on").list.eval(pl.element().dt.offset_by("1d"))),
    ),
    "more days than rows": (
        "rows_disagree",
        lambda p: p.with_tokens(pl.concat_list("seen_on", "seen_on").alias("seen_on")),
    ),
    "a token of sex that is nobody's": (
        "wrong_key",
        lambda p: p.with_tokens(pl.lit(7, pl.UInt64).alias("sex_exact")),
    ),
    # The report: nothing of the sender's may come through in it.
    "a sentence as a rule": (
        "report_form",
        lambda p: finding(p, 1, "SURNAME", "Zephyrine Quistgaard"),
    ),
    "a header that is not declared": (
        "report_form",
        lambda p: finding(p, 1, "Zephyrine", "too_long"),
    ),
    "a finding with words": (
        "report_form",
        lambda p: finding(p, 1, "SURNAME", "too_long", "Zephyrine"),
    ),
    "a count of an unknown rule": (
        "report_form",
        lambda p: p.reporting(counts={"Zephyrine": 1}),
    ),
    "a negative count": ("report_form", lambda p: p.reporting(rows_refused=-1)),
    "rows that do not add up": (
        "report_form",
        lambda p: p.reporting(rows_read=p.report["rows_read"] + 1),
    ),
    "a report with more in it": ("report_form", lambda p: p.reporting(note="Zephyrine")),
    "no row at all": (
        "no_row_accepted",
        lambda p: p.having(p.records.clear()).reporting(
            rows_read=0, rows_accepted=0, rows_refused=0
        ),
    ),
}


@pytest.mark.parametrize("what", BENT)
def test_what_does_not_hold_is_refused_by_its_rule(site: Site, police: Prepared, what: str) -> None:
    rule, bend = BENT[what]
    require_refused(site, bend(police).sealed(), police.dataset, rule)


HOUSING: dict[str, tuple[str, Bend]] = {
    "arrears above the bound": (
        "number_too_large",
        lambda p: p.with_records(pl.lit(10_000_001, pl.Int64).alias("rent_arrears_pence")),
    ),
    "arrears below nought": (
        "number_too_small",
        lambda p: p.with_records(pl.lit(-1, pl.Int64).alias("rent_arrears_pence")),
    ),
    "an end before the start": (
        "ends_before_start",
        lambda p: p.with_records(pl.col("tenancy_from").dt.offset_by("-1d").alias("tenancy_to")),
    ),
}


@pytest.mark.parametrize("what", HOUSING)
def test_numbers_and_ends_are_held_against_the_declaration(
    site: Site, housing: Prepared, what: str
) -> None:
    rule, bend = HOUSING[what]
    require_refused(site, bend(housing).sealed(), housing.dataset, rule)


def flipped(bundle: bytes, place: int) -> bytes:
    """One bit is another."""
    changed = bytearray(bundle)
    changed[place] ^= 1
    return bytes(changed)


def readdressed(bundle: bytes, old: bytes, new: bytes) -> bytes:
    """Another word on the outside."""
    line, _, rest = bundle.partition(b"\n")
    return line.replace(old, new) + b"\n" + rest


BYTES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "nothing": ("not_a_bundle", lambda b: b""),
    "something else": ("not_a_bundle", lambda b: b"NOMINAL_REF,SURNAME\r\n1,Quistgaard\r\n"),
    "the outside alone": ("not_a_bundle", lambda b: b.partition(b"\n")[0]),
    "an outside that does not end": ("not_a_bundle", lambda b: b[:40] + b"x" * 4096),
    "an outside that is no JSON": ("not_a_bundle", lambda b: b.replace(b'"agency"', b"agency", 1)),
    "a word more outside": (
        "not_a_bundle",
        lambda b: readdressed(b, b'"version"', b'"note":"Quistgaard","version"'),
    ),
    "a later version": (
        "unknown_version",
        lambda b: readdressed(b, b'"version":1', b'"version":2'),
    ),
    "the outside and no envelope": ("truncated", lambda b: b.partition(b"\n")[0] + b"\n"),
    "one byte less": ("truncated", lambda b: b[:-1]),
    "cut in half": ("truncated", lambda b: b[: len(b) // 2]),
    "one byte more": ("tampered", lambda b: b + b"\0"),
    "the last bit": ("tampered", lambda b: flipped(b, -1)),
    "a bit in the middle": ("tampered", lambda b: flipped(b, len(b) // 2)),
    "a bit of the encapsulated key": (
        "tampered",
        lambda b: flipped(b, b.index(b"\n") + 3),
    ),
    "a space outside": ("tampered", lambda b: readdressed(b, b'"version":1', b'"version": 1')),
    "another dataset outside": (
        "other_dataset",
        lambda b: readdressed(b, b'"contacts"', b'"custody"'),
    ),
    "another agency outside": ("other_dataset", lambda b: readdressed(b, b'"police"', b'"health"')),
    "a package that never was": (
        "unknown_package",
        lambda b: readdressed(b, b'"package-', b'"package-0000'),
    ),
}


@pytest.mark.parametrize("what", BYTES)
def test_bytes_that_are_not_as_sealed_are_refused(site: Site, police: Prepared, what: str) -> None:
    rule, bend = BYTES[what]
    require_refused(site, bend(police.sealed()), police.dataset, rule)


def test_a_revoked_package_counts_no_more(site: Site, police: Prepared) -> None:
    package = site.package(police.dataset)
    site.revoke(package.id)
    assert site.entries()[-2]["type"] == "key.revoked"
    require_refused(site, police.under_package(package).sealed(), police.dataset, "package_revoked")


def test_an_expired_package_counts_no_more(site: Site, police: Prepared) -> None:
    package = site.package(police.dataset, days=30)
    bundle = police.under_package(package).sealed()
    site.later = timedelta(days=30)
    require_refused(site, bundle, police.dataset, "package_expired")


def test_a_package_of_the_last_epoch_counts_no_more(site: Site, police: Prepared) -> None:
    site.linkage = {"epoch": 2}
    require_refused(site, police.sealed(), police.dataset, "old_epoch")


def test_a_package_of_another_domain_counts_no_more(site: Site, police: Prepared) -> None:
    site.linkage = {"domain": "another-programme"}
    require_refused(site, police.sealed(), police.dataset, "old_epoch")


def test_a_dataset_that_is_declared_otherwise_now_wants_a_new_package(
    site: Site, police: Prepared
) -> None:
    columns = {**police.dataset.columns}
    columns["role"] = columns["role"].model_copy(update={"required": not columns["role"].required})
    changed = police.dataset.model_copy(update={"columns": columns})
    require_refused(site, police.sealed(), changed, "catalogue_changed")


def test_other_words_of_help_want_no_new_package(site: Site, police: Prepared) -> None:
    reworded = police.dataset.model_copy(update={"help": "Said better.", "title": "Contacts"})
    kept = site.take(police.with_fingerprint("0e" * 32).sealed(), reworded)
    assert kept["status"] == "stored"


def test_a_package_of_another_dataset_of_the_same_agency_does_not_do(
    site: Site, police: Prepared
) -> None:
    other = site.package(site.dataset("council", "early_help"))
    bundle = police.under(id=other.id, agency="council", recipient=other.recipient).sealed()
    require_refused(site, bundle, police.dataset, "other_dataset")
    require_refused(
        site,
        readdressed(bundle, b'"council"', b'"police"'),
        police.dataset,
        "unknown_package",
    )


def require_refused(site: Site, bundle: bytes, dataset: Dataset, rule: str) -> None:
    """Refused by this rule and no other; on record; nothing in the lake; nothing of the sender's in the words."""
    lake = files_of(site)
    with pytest.raises(BundleRefused) as refused:
        site.take(bundle, dataset)
    told = refused.value
    assert told.rule == rule
    assert told.message
    assert told.fix
    said = f"{told!r} {told}"
    assert not [word for word in ("Quistgaard", "Zephyrine", "accomplice") if word in said]
    assert files_of(site) == lake
    intent, outcome = site.entries()[-2:]
    assert (intent["type"], outcome["type"]) == ("access.intent", "access.outcome")
    assert outcome["access"] == intent["access"]
    detail = outcome["detail"]
    assert (detail["outcome"], detail["error"]) == ("failed", "BundleRefused")
    assert (detail["reason"], detail["format"]) == (rule, "bundle")
    assert kept_report(site, detail["submission"], dataset)["rule"] == rule


def kept_report(site: Site, submission: str, dataset: Dataset) -> dict[str, object]:
    """What the submission's own record says, for whoever looks later."""
    with site.sending(dataset) as access:
        kept = site.wiring.store.submissions.get(access, submission)
    assert kept.status == "refused"
    return dict(kept.report)


def files_of(site: Site) -> set[Path]:
    """Every file of records, finished or half finished."""
    lake = site.home / "lake"
    present = lake / "present"
    return {path for path in lake.rglob("*") if path.is_file() and present not in path.parents}

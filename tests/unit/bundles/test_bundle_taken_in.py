"""A bundle is as good as the rows it was made of: the same tokens to the byte, the same records, the same links."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from prepared_site import Prepared, Site

from agencies.county import ExtractFile
from gateway.cli.prepare import prepared
from gateway.keys.package import KeyPackage
from gateway.pipeline.bundle_form import open_bundle
from gateway.pipeline.link import link
from gateway.store import DuplicateSubmission

title = "Rows and a bundle of the same rows come to the same"

Extracts = dict[tuple[str, str], ExtractFile]
DATASETS = (("police", "contacts"), ("council", "early_help"), ("housing", "tenancies"))
CSV = "text/csv"


def sent_raw(site: Site, file: ExtractFile) -> dict[str, Any]:
    """The extract as it is."""
    media_types = {".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    kind = media_types.get(Path(file.filename).suffix, CSV)
    return site.take(file.content, site.dataset(file.agency, file.dataset), kind)


def bundle_of(site: Site, file: ExtractFile, folder: Path) -> bytes:
    """The bundle that `gateway prepare` writes, with a package of this gateway."""
    dataset = site.dataset(file.agency, file.dataset)
    extract = folder / file.filename
    extract.write_bytes(file.content)
    _, bundle = prepared(extract, dataset, site.package(dataset), lambda step, share: None)
    return bundle


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Two gateways with the same keys: one will be sent rows, the other bundles."""
    folder = tmp_path_factory.mktemp("twins")
    Site.open(folder / "rows").gateway.close()
    shutil.copytree(folder / "rows", folder / "bundles")
    both = (Site.open(folder / "rows", make=False), Site.open(folder / "bundles", make=False))
    yield both
    for each in both:
        each.gateway.close()


@pytest.fixture(scope="module")
def sent(
    twins: tuple[Site, Site], extracts: Extracts, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What each of the two answered to each extract."""
    rows, bundles = twins
    folder = tmp_path_factory.mktemp("extracts")
    answers = []
    for place in DATASETS:
        bundle = bundle_of(bundles, extracts[place], folder)
        dataset = bundles.dataset(*place)
        answers.append((sent_raw(rows, extracts[place]), bundles.take(bundle, dataset)))
    return answers


def test_the_report_is_the_same_to_the_word(sent: list[tuple[dict[str, Any], ...]]) -> None:
    for raw, prepared_ in sent:
        assert raw["rows_refused"] + raw["rows_accepted"] == raw["rows_read"]
        assert without_id(raw) == without_id(prepared_)
    assert sum(raw["rows_refused"] for raw, _ in sent) > 0


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "submission"}


def test_tokens_and_records_are_stored_equal_to_the_byte(
    twins: tuple[Site, Site], sent: list[tuple[dict[str, Any], ...]]
) -> None:
    for answers in sent:
        read = [stored(site, each["submission"]) for site, each in zip(twins, answers, strict=True)]
        assert read[0] == read[1]
        assert len(read[0][0]) > 1000


def stored(site: Site, submission: str) -> tuple[bytes, bytes]:
    """Both frames of a submission, as bytes."""
    with site.linking() as access:
        store = site.wiring.store.submissions
        frames = (store.read_tokens(access, submission), store.read_records(access, submission))
    return as_bytes(pl.DataFrame(frames[0])), as_bytes(pl.DataFrame(frames[1]))


def as_bytes(frame: pl.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.rechunk().write_ipc(target)
    return target.getvalue()


def test_the_links_are_the_same(
    twins: tuple[Site, Site], sent: list[tuple[dict[str, Any], ...]]
) -> None:
    groups = []
    for number, site in enumerate(twins):
        names = {answers[number]["submission"]: str(at) for at, answers in enumerate(sent)}
        with site.linking() as access:
            run = link(access, site.wiring, lambda step, share: None)
            links = pl.DataFrame(site.wiring.store.runs.read_links(access, run["run"]))
        groups.append((partition(links, names, "person"), partition(links, names, "family")))
    assert groups[0] == groups[1]
    assert max(len(person) for person in groups[0][0]) > 1


def partition(links: pl.DataFrame, names: dict[str, str], by: str) -> set[frozenset[str]]:
    """The records that are one person, or one family, under names that both gateways share."""
    submission = pl.col("record").str.split(":").list
    named = links.select(
        by,
        record=pl.format("{}:{}", submission.get(0).replace_strict(names), submission.get(1)),
    )
    return {frozenset(group) for group in named.group_by(by).agg("record")["record"].to_list()}


# Who sends what first, and what again: the same extract is known, in whatever form it comes.
TWICE: dict[str, tuple[str, str]] = {
    "the same bundle": ("bundle", "bundle"),
    "a bundle prepared again": ("bundle", "again"),
    "the rows of a bundle": ("bundle", "rows"),
    "a bundle of the rows": ("rows", "bundle"),
}


@pytest.mark.parametrize("what", TWICE)
def test_what_was_sent_before_is_known_in_whatever_form(
    site: Site, extracts: Extracts, tmp_path: Path, what: str
) -> None:
    file = extracts["dwp", "spells"]
    dataset = site.dataset("dwp", "spells")
    bundle = bundle_of(site, file, tmp_path)
    forms: dict[str, Callable[[], dict[str, Any]]] = {
        "bundle": lambda: site.take(bundle, dataset),
        "again": lambda: site.take(bundle_of(site, file, tmp_path), dataset),
        "rows": lambda: sent_raw(site, file),
    }
    first, then = (forms[form] for form in TWICE[what])
    kept = first()
    with pytest.raises(DuplicateSubmission) as refused:
        then()
    assert refused.value.submission == kept["submission"]
    assert site.entries()[-1]["detail"]["error"] == "DuplicateSubmission"
    site.withdraw(kept["submission"], "dwp")


def test_the_log_says_that_it_was_a_bundle_and_made_with_which_keys(
    site: Site, police: Prepared
) -> None:
    kept = site.take(police.with_fingerprint("1f" * 32).sealed(), police.dataset)
    detail = site.entries()[-1]["detail"]
    assert (detail["format"], detail["key"]) == ("bundle", police.package.id)
    assert (detail["outcome"], detail["submission"]) == ("done", kept["submission"])


def test_a_package_is_on_record_with_whom_it_is_for(site: Site) -> None:
    package = site.package(site.dataset("health", "ecds"), days=10)
    made = next(each for each in site.entries() if each["subject"] == package.id)
    assert made["type"] == "key.made"
    assert made["detail"] == {
        "agency": "health",
        "dataset": "ecds",
        "domain": "supporting-families",
        "epoch": 1,
        "expires_on": "2026-12-02",
    }
    assert made["access"] in {each["access"] for each in site.entries() if each is not made}


def test_no_identifier_is_in_a_bundle_sealed_or_opened(site: Site, police: Prepared) -> None:
    bundle = police.sealed()
    inside = open_bundle(bundle, site.wiring.keys.bundle_key(police.package.id))
    frames = [pl.read_parquet(part) for part in (inside.tokens, inside.records)]
    numbers = (pl.UInt64, pl.List(pl.UInt64), pl.List(pl.UInt32), pl.List(pl.Date))
    assert all(kind in numbers for kind in frames[0].schema.values())
    spoken = frames[1].write_csv()
    clear = bundle + inside.manifest.model_dump_json().encode() + spoken.encode()
    identifiers = police.intake.identifiers.drop("row", "seen_on", "sex").cast(pl.String)
    words = {word for column in identifiers for word in column.drop_nulls() if len(word) > 4}
    assert len(words) > 200
    assert [word for word in words if word.lower().encode() in clear.lower()] == []
    # The search would find one that was there.
    assert "contacts" in clear.decode("latin-1")


def test_no_key_is_in_a_bundle_the_home_or_a_word_that_is_said(
    site: Site, police: Prepared
) -> None:
    site.take(police.with_fingerprint("2e" * 32).sealed(), police.dataset)
    package = police.package
    inside = open_bundle(police.sealed(), site.wiring.keys.bundle_key(package.id))
    said = [repr(package), str(package), repr(police), repr(site.wiring), repr(inside)]
    written = [file.read_bytes() for file in site.home.rglob("*") if file.is_file()]
    clear = b"\n".join([*written, *(each.encode() for each in said), inside.tokens, inside.records])
    clear += json.dumps(inside.manifest.model_dump()).encode()
    secrets = [*package.level_keys.values(), package.fingerprint_key]
    assert len(secrets) > 20
    for secret in secrets:
        assert secret not in clear
        assert secret.hex().encode() not in clear


def test_an_agency_gets_the_keys_of_its_own_columns_and_no_others(site: Site) -> None:
    names = {
        agency: {name.split("/")[0] for name in keys_of(site, agency, dataset).level_keys}
        for agency, dataset in (("police", "contacts"), ("health", "ecds"), ("dwp", "spells"))
    }
    assert "nhs_number" in names["health"]
    assert "nhs_number" not in names["police"] | names["dwp"]
    assert "nino" in names["dwp"]
    assert "nino" not in names["police"] | names["health"]


def keys_of(site: Site, agency: str, dataset: str) -> KeyPackage:
    return site.package(site.dataset(agency, dataset))

"""`gateway prepare`: an agency checks, screens and tokenises at its own site. In: an extract and a key package; out: a bundle and a report.

No server is asked, but where national numbers are tokenised obliviously: then it gets them blinded. Names are in the memory
of this program only; what it writes is sealed to the gateway.
"""

from __future__ import annotations

import hmac
import os
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import findings, output
from gateway.cli.extracts import BUNDLE_SUFFIX, File, Folders, require_new
from gateway.cli.remote import DEFAULT_URL, CredentialFile, Json, Url, connect
from gateway.client.http import Progress

if TYPE_CHECKING:
    from agencies.intake import Intake
    from agencies.register import Dataset
    from gateway.keys.package import KeyPackage
    from linkage.tokens import LinkageKey
    from linkage.tokens.oblivious import Ask

PASSPHRASE = "GATEWAY_PACKAGE_PASSPHRASE"  # noqa: S105  # the name of a variable
# Shares of the whole at which the steps end, for the progress bar.
CHECKED, TOKENISED = 0.5, 0.8

Package = Annotated[
    Path,
    typer.Option(
        "--package", "-k", exists=True, dir_okay=False, help="Key package, from the gateway."
    ),
]
AttestedOn = Annotated[
    str | None,
    typer.Option("--attested-on", help="Day on which opt-outs were applied; needed as for `send`."),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help="Where to write the bundle; beside the extract when unset."),
]


def prepare(
    file: File,
    package: Package,
    out: Out = None,
    catalogue: Folders = None,
    attested_on: AttestedOn = None,
    url: Url = DEFAULT_URL,
    credential_file: CredentialFile = None,
    as_json: Json = False,
) -> None:
    """Check and tokenise an extract here, on this machine, and write the bundle that `gateway send` sends.

    The gateway is asked only where its national numbers are tokenised obliviously, and then sees none of them.
    """
    from agencies.prepared import digest_of
    from agencies.register import load_register
    from gateway.client.numbers import asking

    target = out or file.with_suffix(BUNDLE_SUFFIX)
    require_new(target, "--out")
    keys = open_package(package)
    dataset = load_register(*(catalogue or [])).dataset(keys.agency, keys.dataset)
    require_current(keys, digest_of(dataset), date.today())
    server = connect(url, credential_file) if keys.numbers else nullcontext()
    with server as gateway, output.progress("preparing", quiet=as_json) as report:
        ask = asking(gateway, keys.agency, keys.dataset, attested_on) if gateway else None
        intake, bundle = prepared(file, dataset, keys, report, ask)
        _write(target, bundle)
    told = {**intake.report.to_dict(), "bundle": str(target)}
    if as_json:
        output.emit_json(told)
        return
    findings.show(told)
    output.errors.print(f"wrote {target}; send it with: gateway send {target}", highlight=False)


def open_package(path: Path) -> KeyPackage:
    """The key package of a file. Raises KeyPackageError."""
    from gateway.keys.errors import KeystoreError, PackageUnreadable
    from gateway.keys.package import unlock_package
    from gateway.keys.secret_file import read_secret

    try:
        content = read_secret(path)
    except KeystoreError as fault:
        raise PackageUnreadable(str(fault)) from None
    return unlock_package(content, _passphrase())


def require_current(package: KeyPackage, declaration: str, today: date) -> None:
    """Raise PackageOutdated for keys whose bundle the gateway would refuse."""
    from gateway.keys.errors import PackageOutdated

    if package.expires_on <= today:
        raise PackageOutdated(f"the key package expired on {package.expires_on}")
    if package.declaration != declaration:
        raise PackageOutdated("the catalogue here declares the dataset otherwise than the gateway")


def prepared(
    file: Path,
    dataset: Dataset,
    package: KeyPackage,
    progress: Progress,
    ask: Ask | None = None,
) -> tuple[Intake, bytes]:
    """What intake found, and the bundle of it; `ask` has blinded numbers answered. Raises ExtractRejected."""
    from agencies.prepared import told
    from gateway.pipeline.bundle_form import write_bundle
    from linkage.tokens import tokenise_profiles
    from linkage.tokens.level_keys import LevelKeys

    content = file.read_bytes()
    fingerprint = hmac.digest(package.fingerprint_key, content, "sha256").hex()
    intake = _taken_in(content, dataset, progress)
    del content
    progress("making tokens", CHECKED)
    keys = LevelKeys(package.level_keys)
    made_with = token_key(keys, package, ask)
    tokens = tokenise_profiles(intake.identifiers, made_with, namespace=dataset.agency)
    progress("sealing", TOKENISED)
    bundle = write_bundle(
        package,
        tokens,
        intake.records,
        checks=keys.check_values(),
        fingerprint=fingerprint,
        report=told(intake.report),
        made_at=datetime.now(UTC),
    )
    return intake, bundle


def _taken_in(content: bytes, dataset: Dataset, progress: Progress) -> Intake:
    """The good rows. Raises ExtractRejected, also when there is none."""
    from agencies.intake import ExtractRejected, take_in

    intake = take_in(
        content, "", dataset, progress=lambda share: progress("checking rows", CHECKED * share)
    )
    if intake.report.rows_accepted == 0:
        raise ExtractRejected(
            "no_row_accepted",
            f"None of the {intake.rows_read:,} rows could be accepted.",
            "Run `gateway check` on the file: it lists every finding by row and column.",
        )
    return intake


def token_key(keys: LinkageKey, package: KeyPackage, ask: Ask | None) -> LinkageKey:
    """What makes the tokens: the delivered keys, and for numbers that these do not cover the gateway, blinded."""
    from linkage.tokens.oblivious import ObliviousNumbers
    from linkage.tokens.with_numbers import WithNumbers

    if ask is None:
        return keys
    return WithNumbers(keys, ObliviousNumbers(package.numbers, ask))


def _passphrase() -> str:
    """From the environment or typed unseen; never an argument, which would stand in process lists."""
    said = os.environ.get(PASSPHRASE)
    if said:
        return said
    if not output.errors.is_terminal:
        raise typer.BadParameter(f"no passphrase: set {PASSPHRASE}", param_hint="--package")
    return str(typer.prompt("Passphrase of the key package", hide_input=True, err=True))


def _write(target: Path, bundle: bytes) -> None:
    """Whole or not at all, readable by its owner only."""
    from gateway.keys.secret_file import create_secret

    create_secret(target, bundle)

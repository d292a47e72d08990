"""The opened keys: every key the gateway uses, each derived from its own root for its own use.

In: the roots a keystore unwrapped. Out: derived keys, a vault for data keys, the audit signer.
Never shows key bytes in a repr, and cannot be copied or pickled. Another key provider takes the
keystore's place by building a `Keys`, or an object with these methods.
"""

from dataclasses import dataclass, field
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.keys.derive import derive
from gateway.keys.envelope import BundleKey
from gateway.keys.row_order import RowOrder
from gateway.keys.vault import Vault


@dataclass(frozen=True, slots=True)
class Roots:
    """The secrets a keystore keeps, 32 bytes each."""

    linkage: bytes = field(repr=False)
    tokens: bytes = field(repr=False)
    records: bytes = field(repr=False)
    disclosure: bytes = field(repr=False)
    fingerprint: bytes = field(repr=False)
    audit: bytes = field(repr=False)


class Keys:
    """Keys for one gateway, at the keystore's current epoch."""

    __slots__ = ("_roots", "epoch", "vault")

    def __init__(self, roots: Roots, epoch: int) -> None:
        self._roots = roots
        self.epoch = epoch
        self.vault = Vault(roots.tokens, roots.records)

    def linkage_key(self, domain: str, epoch: int | None = None) -> bytes:
        """32 bytes for one linkage domain and epoch (the current one when none is given)."""
        chosen = self.epoch if epoch is None else epoch
        return derive(self._roots.linkage, "linkage", domain, str(chosen))

    def oprf_seed(self, domain: str, epoch: int) -> bytes:
        """32 bytes that the keys of the oblivious function are derived from, for one domain and epoch."""
        return derive(self._roots.linkage, "oprf", domain, str(epoch))

    def row_order(self, fingerprint: str) -> RowOrder:
        """Under which numbers the rows of a file are kept. It hangs on the tokens' root: linkage alone can undo it."""
        return RowOrder(derive(self._roots.tokens, "row-order", fingerprint))

    def trace_key(self) -> bytes:
        """32 bytes for the digests by which a record that is sent again is known again; on the tokens' root."""
        return derive(self._roots.tokens, "record-trace")

    def disclosure_key(self, vintage: str) -> bytes:
        """32 bytes that key the noise of one vintage."""
        return derive(self._roots.disclosure, "disclosure", vintage)

    def fingerprint_key(self, agency: str, dataset: str) -> bytes:
        """32 bytes for the keyed digest of extracts: without it, a guess of a file proves nothing.

        One for each dataset, since an agency that tokenises at its own site gets its own.
        """
        return derive(self._roots.fingerprint, "extract-fingerprint", agency, dataset)

    def bundle_key(self, package: str) -> BundleKey:
        """The key that opens bundles made with one key package."""
        return X25519PrivateKey.from_private_bytes(derive(self._roots.linkage, "bundle", package))

    def bundle_recipient(self, package: str) -> bytes:
        """32 raw bytes that such bundles are sealed to."""
        return self.bundle_key(package).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def credential_key(self) -> bytes:
        """32 bytes for the keyed hash of credential secrets."""
        return derive(self._roots.fingerprint, "credential-hash")

    def audit_signer(self) -> Ed25519PrivateKey:
        """The key that signs the audit log's checkpoints."""
        return Ed25519PrivateKey.from_private_bytes(self._roots.audit)

    def audit_public_key(self) -> bytes:
        """32 raw bytes to give to whoever verifies the log."""
        return self.audit_signer().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def __repr__(self) -> str:
        return f"Keys(epoch={self.epoch})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are not copied or pickled")

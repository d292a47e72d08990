"""Keys: one keystore file in, the gateway's derived keys out; no key is ever shown or logged."""

from gateway.keys.envelope import BundleKey
from gateway.keys.errors import KeystoreError, KeyUnwrapFailed
from gateway.keys.keys import Keys
from gateway.keys.keystore import FileKeystore
from gateway.keys.vault import Sealed, Vault

__all__ = [
    "BundleKey",
    "FileKeystore",
    "KeyUnwrapFailed",
    "Keys",
    "KeystoreError",
    "Sealed",
    "Vault",
]

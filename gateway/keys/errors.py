"""What can go wrong with keys, each by its own name; no message ever carries key material."""


class KeystoreError(Exception):
    """The keystore cannot be used; the subclass says why."""


class KeystoreMissing(KeystoreError):
    """There is no keystore or key file at this path."""


class KeystoreExists(KeystoreError):
    """A keystore stands there already; it is never overwritten."""


class KeystoreIsLink(KeystoreError):
    """The path is a symbolic link, or not a regular file."""


class LoosePermissions(KeystoreError):
    """The file belongs to somebody else, or others may read or write it."""


class LockNotStated(KeystoreError):
    """Exactly one of passphrase and key file has to be given, the same kind as at creation."""


class WeakPassphrase(KeystoreError):
    """The passphrase is shorter than the least length allowed."""


class WrongPassphrase(KeystoreError):
    """The passphrase does not open this keystore."""


class WrongKeyFile(KeystoreError):
    """The key file does not open this keystore."""


class KeyFileDamaged(KeystoreError):
    """The key file is not one line of 64 hexadecimal digits."""


class UnknownKeystoreVersion(KeystoreError):
    """The keystore was written by a version this program does not know."""


class KeystoreDamaged(KeystoreError):
    """The keystore file is not as it was written."""


class KeystoreTampered(KeystoreError):
    """The lock opens, but something it protects was exchanged."""


class KeyUnwrapFailed(Exception):
    """A wrapped data key was not wrapped for this file by this keystore."""


class KeyPackageError(Exception):
    """The key package cannot be used; the subclass says why."""


class PackageUnreadable(KeyPackageError):
    """The file is not there, is open to others, or is no plain file."""


class PackageDamaged(KeyPackageError):
    """The file is not a key package as a gateway wrote it."""


class PackageUnknown(KeyPackageError):
    """The key package was written by a version this program does not know."""


class PackageLocked(KeyPackageError):
    """The passphrase does not open this key package."""


class PackageOutdated(KeyPackageError):
    """The key package has expired, or was made for another declaration of the dataset."""


class EnvelopeBroken(Exception):
    """The envelope was sealed to another key, or is not as it was sealed."""

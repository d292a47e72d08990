"""The keystore file: what opens it, what refuses, and that no byte of it can change unseen."""

import copy
import json
import os
import pickle
import stat
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from gateway.keys import FileKeystore, KeystoreError
from gateway.keys.errors import (
    KeyFileDamaged,
    KeystoreDamaged,
    KeystoreExists,
    KeystoreIsLink,
    KeystoreMissing,
    KeystoreTampered,
    LockNotStated,
    LoosePermissions,
    UnknownKeystoreVersion,
    WeakPassphrase,
    WrongKeyFile,
    WrongPassphrase,
)

PASSPHRASE = b"a long enough passphrase"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.key"


@pytest.fixture
def keystore(tmp_path: Path, key_file: Path) -> Path:
    path = tmp_path / "keystore.json"
    FileKeystore.create(path, key_file=key_file)
    return path


def rewrite(path: Path, **changes: object) -> None:
    """Change members and make the digest right again, as somebody who knows the format would."""
    document = json.loads(path.read_bytes()) | changes
    document.pop("digest")
    document["digest"] = sha256(rfc8785.dumps(document)).hexdigest()
    path.write_bytes(rfc8785.dumps(document) + b"\n")


def test_a_passphrase_opens_what_it_created(tmp_path: Path) -> None:
    path = tmp_path / "keystore.json"
    created = FileKeystore.create(path, passphrase=PASSPHRASE)
    opened = FileKeystore.open(path, passphrase=PASSPHRASE)
    assert opened.linkage_key("programme") == created.linkage_key("programme")
    assert opened.audit_public_key() == created.audit_public_key()


def test_a_wrong_passphrase_is_named(tmp_path: Path) -> None:
    path = tmp_path / "keystore.json"
    FileKeystore.create(path, passphrase=PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        FileKeystore.open(path, passphrase=b"some other passphrase")


def test_a_short_passphrase_makes_no_keystore(tmp_path: Path) -> None:
    with pytest.raises(WeakPassphrase):
        FileKeystore.create(tmp_path / "keystore.json", passphrase=b"elevenbytes")
    assert list(tmp_path.iterdir()) == []


def test_another_key_file_is_named(keystore: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    FileKeystore.create(tmp_path / "other.json", key_file=other)
    with pytest.raises(WrongKeyFile):
        FileKeystore.open(keystore, key_file=other)


def test_exactly_one_way_to_open_is_given(keystore: Path, key_file: Path) -> None:
    with pytest.raises(LockNotStated):
        FileKeystore.open(keystore)
    with pytest.raises(LockNotStated):
        FileKeystore.open(keystore, passphrase=PASSPHRASE, key_file=key_file)
    with pytest.raises(LockNotStated):
        FileKeystore.open(keystore, passphrase=PASSPHRASE)


def test_both_files_are_closed_to_others(keystore: Path, key_file: Path) -> None:
    assert [stat.S_IMODE(path.stat().st_mode) for path in (keystore, key_file)] == [0o600, 0o600]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o601])
@pytest.mark.parametrize("which", ["keystore", "key_file"])
def test_loose_permissions_are_refused(
    which: str, mode: int, keystore: Path, key_file: Path
) -> None:
    {"keystore": keystore, "key_file": key_file}[which].chmod(mode)
    with pytest.raises(LoosePermissions):
        FileKeystore.open(keystore, key_file=key_file)


def test_links_folders_and_pipes_are_refused(
    keystore: Path, key_file: Path, tmp_path: Path
) -> None:
    link, folder, pipe = tmp_path / "link", tmp_path / "folder", tmp_path / "pipe"
    link.symlink_to(keystore)
    folder.mkdir()
    os.mkfifo(pipe, 0o600)
    for path in (link, folder, pipe):
        with pytest.raises(KeystoreIsLink):
            FileKeystore.open(path, key_file=key_file)


def test_a_missing_keystore_is_named(tmp_path: Path, key_file: Path) -> None:
    with pytest.raises(KeystoreMissing):
        FileKeystore.open(tmp_path / "none.json", key_file=key_file)


def test_a_keystore_is_never_overwritten(keystore: Path, key_file: Path) -> None:
    before = keystore.read_bytes()
    with pytest.raises(KeystoreExists):
        FileKeystore.create(keystore, key_file=key_file)
    assert keystore.read_bytes() == before


def test_nothing_but_the_two_files_is_left(keystore: Path, key_file: Path) -> None:
    assert sorted(keystore.parent.iterdir()) == sorted([keystore, key_file])


def test_an_unknown_version_is_named(keystore: Path, key_file: Path) -> None:
    rewrite(keystore, version=2)
    with pytest.raises(UnknownKeystoreVersion):
        FileKeystore.open(keystore, key_file=key_file)


@pytest.mark.parametrize(
    "change",
    [{"epoch": 7}, {"created_at": "2020-01-01T00:00:00+00:00"}, {"audit_public_key": "00" * 32}],
)
def test_a_public_member_cannot_be_exchanged(
    change: dict[str, object], keystore: Path, key_file: Path
) -> None:
    rewrite(keystore, **change)
    with pytest.raises(KeystoreTampered):
        FileKeystore.open(keystore, key_file=key_file)


def test_two_wrapped_secrets_cannot_change_places(keystore: Path, key_file: Path) -> None:
    sealed = json.loads(keystore.read_bytes())["sealed"]
    rewrite(keystore, sealed=sealed | {"tokens": sealed["records"], "records": sealed["tokens"]})
    with pytest.raises(KeystoreTampered):
        FileKeystore.open(keystore, key_file=key_file)


def test_the_cost_of_a_guess_cannot_be_lowered(tmp_path: Path) -> None:
    path = tmp_path / "keystore.json"
    FileKeystore.create(path, passphrase=PASSPHRASE)
    lock = json.loads(path.read_bytes())["lock"]
    rewrite(path, lock=lock | {"memory_kib": 8})
    with pytest.raises(KeystoreDamaged):
        FileKeystore.open(path, passphrase=PASSPHRASE)


def test_every_flipped_byte_of_either_file_is_a_named_error(keystore: Path, key_file: Path) -> None:
    for path in (keystore, key_file):
        whole = path.read_bytes()
        for at in range(len(whole)):
            flipped = bytearray(whole)
            flipped[at] ^= 1 << (at % 8)
            path.write_bytes(flipped)
            with pytest.raises(KeystoreError):
                FileKeystore.open(keystore, key_file=key_file)
        path.write_bytes(whole)
    FileKeystore.open(keystore, key_file=key_file)


@pytest.mark.parametrize(
    "content", [b"", b"[" * 60_000, b"{}", b"[]\n", b"\xff", b'{"format":NaN}']
)
def test_any_other_file_is_named_damaged(content: bytes, keystore: Path, key_file: Path) -> None:
    keystore.write_bytes(content)
    with pytest.raises(KeystoreDamaged):
        FileKeystore.open(keystore, key_file=key_file)


def test_a_damaged_key_file_is_named(keystore: Path, key_file: Path) -> None:
    key_file.write_bytes(key_file.read_bytes().upper())
    with pytest.raises(KeyFileDamaged):
        FileKeystore.open(keystore, key_file=key_file)


def test_relock_changes_the_lock_and_no_key(keystore: Path, key_file: Path) -> None:
    before = FileKeystore.open(keystore, key_file=key_file)
    FileKeystore.relock(keystore, key_file=key_file, new_passphrase=PASSPHRASE)
    after = FileKeystore.open(keystore, passphrase=PASSPHRASE)
    assert after.fingerprint_key("a", "b") == before.fingerprint_key("a", "b")
    with pytest.raises(LockNotStated):
        FileKeystore.open(keystore, key_file=key_file)


def test_a_new_epoch_changes_linkage_keys_and_keeps_the_old_ones(
    keystore: Path, key_file: Path
) -> None:
    before = FileKeystore.open(keystore, key_file=key_file)
    FileKeystore.next_epoch(keystore, key_file=key_file)
    after = FileKeystore.open(keystore, key_file=key_file)
    assert (before.epoch, after.epoch) == (1, 2)
    assert after.linkage_key("programme") != before.linkage_key("programme")
    assert after.linkage_key("programme", 1) == before.linkage_key("programme")
    assert after.disclosure_key("v") == before.disclosure_key("v")


def test_an_auditor_reads_the_public_key_without_unlocking(keystore: Path, key_file: Path) -> None:
    keys = FileKeystore.open(keystore, key_file=key_file)
    assert FileKeystore.audit_public_key(keystore) == keys.audit_public_key()


def test_keys_are_not_copied_pickled_or_shown(keystore: Path, key_file: Path) -> None:
    keys = FileKeystore.open(keystore, key_file=key_file)
    for thing in (keys, keys.vault):
        for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                attempt(thing)
    shown = repr(keys) + repr(keys.vault) + repr(keys._roots)
    assert shown == "Keys(epoch=1)Vault()Roots()"

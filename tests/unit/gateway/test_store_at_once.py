"""Programs, threads and readers at once: nothing is lost and nothing is half read."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gateway.keys import FileKeystore, Keys
from gateway.store import RecordsDamaged, RecordsShredded, Store
from tests.unit.gateway.conftest import Opening, new_submission, record_frame, token_frame


def write_many(folder: Path, number: int, results: Any) -> None:
    """In another process: store five submissions through a store of its own, sweeping all along."""
    from tests.unit.gateway.store_writer import PROTOCOL, Rulebook, make_request, opened

    store, door = opened(folder, Rulebook.load(PROTOCOL))
    for each in range(5):
        with door.open(make_request("submit")) as access:
            new = new_submission(fingerprint=f"{number * 100 + each:064x}")
            frame = token_frame(40, number * 100 + each)
            results.put(store.submissions.add(access, new, frame, record_frame(40)).id)
        store.sweep()
    store.close()


def test_two_programs_store_and_sweep_at_once_and_nothing_is_lost(
    tmp_path: Path, opening: Opening
) -> None:
    folder = tmp_path / "programs"
    (folder / "disk").mkdir(parents=True)
    keys = FileKeystore.create(folder / "keystore.json", key_file=folder / "key")
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    programs = [
        context.Process(target=write_many, args=(folder, number, results)) for number in (1, 2)
    ]
    for program in programs:
        program.start()
    for program in programs:
        program.join(timeout=60)
    assert [program.exitcode for program in programs] == [0, 0]
    made = {results.get(timeout=5) for _ in range(10)}
    url, lake = f"sqlite:///{folder}/disk/store.db", folder / "disk" / "lake"
    with Store.open(url, lake, keys) as store, opening("link") as access:
        assert {each.id for each in store.submissions.stored(access)} == made
        for each in made:
            assert len(store.submissions.read_tokens(access, each)) == 40
        assert store.sweep().removed == 0


def test_two_stores_see_each_others_work_at_once(
    store: Store, opening: Opening, tmp_path: Path, keys: Keys
) -> None:
    url, lake = f"sqlite:///{tmp_path}/store.db", tmp_path / "lake"
    with Store.open(url, lake, keys) as other, opening("submit") as access:
        made = store.submissions.add(access, new_submission(), token_frame(), record_frame())
        assert other.submissions.get(access, made.id) == made
        other.submissions.withdraw(access, made.id)
        assert store.submissions.get(access, made.id).status == "withdrawn"


def test_threads_share_a_store(store: Store, opening: Opening) -> None:
    def write(number: int) -> str:
        with opening("submit") as access:
            new = new_submission(fingerprint=f"{number:064x}")
            return store.submissions.add(access, new, token_frame(), record_frame()).id

    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(write, range(8)))
    with opening("link") as access:
        assert {each.id for each in store.submissions.stored(access)} == made


def test_a_read_while_the_submission_is_withdrawn_says_so_or_gives_it_whole(
    store: Store, opening: Opening
) -> None:
    with opening("submit") as access:
        made = [
            store.submissions.add(
                access, new_submission(fingerprint=f"{each:064x}"), token_frame(), record_frame()
            ).id
            for each in range(10)
        ]
    told: list[object] = []

    def read_all() -> None:
        with opening("link") as access:
            for each in made * 4:
                try:
                    told.append(len(store.submissions.read_tokens(access, each)))
                except (RecordsShredded, RecordsDamaged) as fault:
                    told.append(type(fault))

    reader = threading.Thread(target=read_all)
    reader.start()
    with opening("withdraw_own") as access:
        for each in made:
            store.submissions.withdraw(access, each)
    reader.join()
    assert set(told) <= {50, RecordsShredded}
    assert len(told) == 40

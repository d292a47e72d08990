"""The store: the database and the lake opened together.

In: a database URL, a lake folder, the keys. Out: one place for each subject (`submissions`, `runs`,
`vintages`, `carried`, `standing`, `vintage_uses`, `privacy_accounts`, `linkage_reports`, `releases`, `jobs`, `credentials`,
`key_packages`, `allowances`).
Never serves records without an Access.
"""

from pathlib import Path

from gateway.keys import Keys
from gateway.store.allowances import Allowances
from gateway.store.carried import Carried
from gateway.store.credentials import Credentials
from gateway.store.engine import Database
from gateway.store.identity import settle_identity
from gateway.store.instants import Clock, utc_now
from gateway.store.jobs import Jobs
from gateway.store.key_packages import KeyPackages
from gateway.store.lake import Lake, Swept
from gateway.store.linkage_reports import LinkageReports
from gateway.store.presence import Presence
from gateway.store.privacy_accounts import PrivacyAccounts
from gateway.store.releases import Releases
from gateway.store.runs import Runs
from gateway.store.shelf import PRESENT, Shelf
from gateway.store.standing import Standing
from gateway.store.submissions import Submissions
from gateway.store.vintage_uses import VintageUses
from gateway.store.vintages import Vintages


class Store:
    """One opened store; several, also in several programs, may stand on one database and lake."""

    def __init__(self, lake: Lake, presence: Presence, keys: Keys) -> None:
        self._lake = lake
        self._presence = presence
        self.submissions = Submissions(lake)
        self.runs = Runs(lake, presence)
        self.vintages = Vintages(lake)
        self.carried = Carried(lake)
        self.standing = Standing(lake.database)
        self.vintage_uses = VintageUses(lake.database, lake.clock)
        self.privacy_accounts = PrivacyAccounts(lake.database)
        self.releases = Releases(lake.database, lake.clock)
        self.linkage_reports = LinkageReports(lake.database, lake.clock)
        self.jobs = Jobs(lake.database, presence, lake.clock)
        self.credentials = Credentials(lake.database, keys, lake.clock)
        self.key_packages = KeyPackages(lake.database, lake.clock)
        self.allowances = Allowances(lake.database, lake.clock)

    @classmethod
    def open(cls, url: str, lake: Path, keys: Keys, *, clock: Clock = utc_now) -> "Store":
        """Open or make a store, bringing its tables up to date.

        Raises WrongKeys, LakeMismatch, StoreTooNew or StoreFull.
        """
        database, shelf = Database.open(url), Shelf(lake)
        lake_id = settle_identity(database, shelf, keys.vault, clock())
        opened = Lake(shelf, database, keys.vault, lake_id, clock)
        return cls(opened, Presence(lake / PRESENT), keys)

    def is_alone(self) -> bool:
        """Whether no other program stands on this lake: what is unfinished is then interrupted."""
        return self._presence.is_alone()

    def sweep(self) -> Swept:
        """Take away what a crash left; called once at the start of the service."""
        self._presence.forget_gone()
        return self._lake.sweep()

    def close(self) -> None:
        """Give back connections and the mark that this program lives."""
        self._presence.leave()
        self._lake.database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

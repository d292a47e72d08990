"""Migrations of the store's database, oldest first in `versions`; run by `store.schema`."""

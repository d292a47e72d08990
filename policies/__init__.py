"""May this be done, for this purpose, by this role? Pure decisions on a sharing protocol."""

"""A guard for every kind of output that is no plain table. In: a frame of contributions, rules, a key. Out: `Guarded`."""

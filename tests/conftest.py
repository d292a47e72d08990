"""For every test: an example of Hypothesis has no deadline, because a busy machine is not a fault."""

import os

from hypothesis import settings

if "CI" not in os.environ:  # there Hypothesis has such a profile of its own
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")

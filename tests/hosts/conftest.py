"""Tests that need root and several minutes: `make test-hosts` runs them, `make test` does not."""

import os

collect_ignore_glob = [] if os.environ.get("JEOKGEUK_HOSTS") == "1" else ["test_*.py"]

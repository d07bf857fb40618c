"""Programs that `jeokgeuk bench turns` runs in an environment of their own (requirements/bench.txt)."""

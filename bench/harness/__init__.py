"""The benchmark harness: runs clients against one server in interleaved rounds and compares them
with the floor.

`workloads` says what is measured, `peers` and `k6` who takes part, `machine` and `server` where it
runs, `measure` how one run becomes one `Sample`, `idle` what a waiting VU costs, `bars` what must
hold, `table` how it is told. Linux only: CPU and memory are read from /proc, cores are pinned.
"""

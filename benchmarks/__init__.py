"""Side-by-side measurements against peers and floors; `python -m benchmarks` runs them all and writes RESULTS.md."""

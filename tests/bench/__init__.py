"""Benchmarks, run by hand (`make bench-search`); what they found is in docs/benchmarks.md."""

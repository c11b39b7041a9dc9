"""Linkage measured beside its peers on one made-up population: `python -m bench.linkage`. See README.md."""

"""Engines: where SQL runs. `DuckEngine` is the default."""

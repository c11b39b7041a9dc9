"""Measured comparisons against the bare libraries, each round in fresh processes, side by side. Nothing is asserted."""

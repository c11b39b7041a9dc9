"""A province on one machine: 1,000,000 people on rosters against 50,000,000 rows of twelve departments."""

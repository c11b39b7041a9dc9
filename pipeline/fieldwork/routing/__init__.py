"""Who visits whom: groups of towns, staff, pairs and day routes."""

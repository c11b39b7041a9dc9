"""Reports, stop notices and lists, from what visitors found."""

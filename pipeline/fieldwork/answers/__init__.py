"""What comes back: filled ledgers and the towns' replies, checked cell by cell."""

"""Rules broken on purpose: every mutant that no spec notices is a condition that nothing holds in place."""

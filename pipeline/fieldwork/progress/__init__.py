"""Deadlines, and what is due, done or late."""

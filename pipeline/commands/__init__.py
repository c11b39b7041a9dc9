"""The commands of `audit`, a module a group: each parses what was typed and calls one function.

Heavy libraries are imported inside the commands, so that `audit --help` answers at once.
"""

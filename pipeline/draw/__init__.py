"""The draw: who is visited, drawn so that anybody can redo it, and what the visits say of the whole.

The way of a draw: `population` (a drop's rosters → the units that may be drawn) → `frame` (frozen as a text file whose
SHA-256 is published) → the seed → `select` (tickets) → `certificate` (JSON, list, paper) → `verify`. Beside it `extra`
(households with findings, by risk, never mixed with the random draw), and after the visits `estimate`.

What others build on: `certificate.read` (the drawn units with draw, town, care class, unit, ticket) and
`population.units_of` (a unit's scheme, household number and roster row, from the drop). File formats: docs/draw.md.
"""

"""The review desk: a local web page on which people judge uncertain links, open findings and rejected rows.

It reads a finished run's folder (`source`), shows it item by item (`queues`, `screens`), and writes rulings and nothing
else: at once and durably beside the ledger, and into the ledger as soon as nobody else holds it (`book`).
"""

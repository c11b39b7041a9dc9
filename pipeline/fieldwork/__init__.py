"""Field work: who visits which drawn household on which day, the ledgers they fill in, and the answers taken back.

certificate + drop + staff list → `plan` → route sheets and `ledger` workbooks → `collect` → the bureau's ledger.
"""

"""Field work: who visits which drawn household on which day, the ledgers they fill in, the answers taken back, papers.

certificate + drop + staff list → `routing` → the plan and route sheets; `ledgers` out → `answers` back → the bureau's
ledger → `progress` (what is due and late) and `papers` (reports, notices, lists). `*command*.py` are the commands.
"""

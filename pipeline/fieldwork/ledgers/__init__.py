"""The visit ledgers that go out: a workbook a group and town, prefilled."""

"""The month's ledgers for the bureau: what changed, by town and department, and who is to be visited."""

from pipeline.monthly.write import FOLDER, Told, write_ledgers

__all__ = ["FOLDER", "Told", "write_ledgers"]

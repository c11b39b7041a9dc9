"""The county audit: rosters of social assistance compared with what other departments know."""

__version__ = "0.1.0"

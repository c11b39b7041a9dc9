"""What lies on disk between runs, sealed with the bureau's key: the ledger, the tables of every run, the cache.

    key = vault.current()                   # the key in use, None: nothing is sealed
    vault.read_parquet(path)                # a table, whether it lies there clear or sealed
    with vault.worked_on(path) as file: …   # a file to write in, sealed again where it changed

Sealed files are age files (X25519, ChaCha20-Poly1305): the age program opens them too, with the key's file.
"""

from pipeline.vault.keys import KEY_FILE, Key, current, in_use, key_of, use, write_new_key
from pipeline.vault.rooms import room, tidy
from pipeline.vault.sealed import (
    SUFFIX,
    content,
    forget_unfinished,
    needed,
    on_disk,
    opened,
    opened_bytes,
    put,
    read_ipc,
    read_parquet,
    seal,
    sealed_bytes,
    sealed_name,
    sha256,
    there,
    write_sealed,
)
from pipeline.vault.worked import worked_on

__all__ = [
    "KEY_FILE", "SUFFIX", "Key", "content", "current", "forget_unfinished", "in_use", "key_of", "needed", "on_disk",
    "opened", "opened_bytes", "put", "read_ipc", "read_parquet", "room", "seal", "sealed_bytes", "sealed_name",
    "sha256", "there", "tidy", "use", "worked_on", "write_new_key", "write_sealed",
]  # fmt: skip

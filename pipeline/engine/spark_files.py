"""Hadoop's file systems (hdfs:, s3a:, file: …), asked through the Java machine that Spark runs in.

What Spark can read and write, this can list, hash and copy, in memory that does not grow with a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import BadInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NO_FILE_SYSTEM = ("UnsupportedFileSystemException", "ClassNotFoundException")
# Of this machine's files Spark says sometimes file:/x, sometimes file:///x.
AS_TOLD = ("^file:/+", "file:///")
_NO_PATH = ("IllegalArgumentException", "URISyntaxException", "MalformedURLException")


@dataclass(frozen=True)
class StoredFile:
    """`path`: as Hadoop takes it; `told`: as Spark says where a row is from; `name`: under the folder asked for, ''
    where it is the file itself; `size` in bytes; `modified` in milliseconds since 1970.
    """

    path: str
    told: str
    name: str
    size: int
    modified: int


class HadoopFiles:
    """The file systems that a session knows. BadInput for a path that names none of them, or that cannot be used."""

    def __init__(self, session: SparkSession) -> None:
        context = session.sparkContext
        self._jvm: Any = context._jvm
        self._conf: Any = context._jsc.hadoopConfiguration()

    def under(self, uri: str) -> list[StoredFile]:
        """The file, or the files of the folder and its folders in order of their names.

        Hidden ones (`_`, `.`) are left out; `_key=value` is none, to Spark neither.
        """
        with _asking(uri):
            path, system = self._at(uri)
            root = system.getFileStatus(path)
            if root.isFile():
                return [_stored(root, "")]
            begin = f"{root.getPath().toString().rstrip('/')}/"
            found, listed = [], system.listFiles(path, True)
            while listed.hasNext():
                status = listed.next()
                name = status.getPath().toString().removeprefix(begin)
                if not any(_hidden(part) for part in name.split("/")):
                    found.append(_stored(status, name))
        return sorted(found, key=lambda f: f.name)

    def exists(self, uri: str) -> bool:
        with _asking(uri):
            path, system = self._at(uri)
            return bool(system.exists(path))

    def sha256(self, uri: str) -> str:
        """SHA-256 of a file's bytes, in hexadecimal: they go through this machine once."""
        with _asking(uri):
            path, system = self._at(uri)
            stream = system.open(path)
            try:
                return str(self._jvm.org.apache.commons.codec.digest.DigestUtils.sha256Hex(stream))
            finally:
                stream.close()

    def make(self, uri: str, *, for_now: bool = False) -> None:
        """A folder, with those above it; `for_now`: it goes with the Java machine at the latest."""
        with _asking(uri):
            path, system = self._at(uri)
            if not system.mkdirs(path):
                raise BadInput("no folder can be made there", file=uri, remedy="see who may write there")
            if for_now:
                system.deleteOnExit(path)

    def remove(self, uri: str) -> None:
        """Delete a file or folder, if it is there."""
        path, system = self._at(uri)
        system.delete(path, True)

    def fetch(self, uri: str, to: Path) -> None:
        """Copy a file to this machine."""
        with _asking(uri):
            path, system = self._at(uri)
            system.copyToLocalFile(False, path, self._jvm.org.apache.hadoop.fs.Path(f"file://{to}"), True)

    def put(self, file: Path, folder: str) -> None:
        """Copy a file of this machine into a folder; what bears its name there gives way once the copy is whole."""
        beside, place = f"{folder}/.{file.name}.new", f"{folder}/{file.name}"
        with _asking(place):
            path, system = self._at(place)
            unfinished, _ = self._at(beside)
            system.copyFromLocalFile(False, True, self._jvm.org.apache.hadoop.fs.Path(f"file://{file}"), unfinished)
            system.delete(path, False)
            if not system.rename(unfinished, path):
                raise BadInput("the file cannot be put there", file=place, remedy="see what is there")

    def _at(self, uri: str) -> tuple[Any, Any]:
        path = self._jvm.org.apache.hadoop.fs.Path(uri)
        return path, path.getFileSystem(self._conf)


def named(error: Exception) -> str:
    """Spark's or Java's name for an error, and of what is behind it: words of their own, none of a cell's."""
    if condition := getattr(error, "getCondition", lambda: None)():
        return str(condition)
    cause: Any = getattr(error, "java_exception", None)
    names = [type(error).__name__]
    while cause is not None and len(names) < 8:
        names.append(_condition(cause) or str(cause.getClass().getSimpleName()))
        cause = cause.getCause()
    return " < ".join(names)


def _condition(cause: Any) -> str:
    """Spark's name for what went wrong; '' where the error is not one of Spark's own."""
    from py4j.protocol import Py4JError

    try:
        return str(cause.getCondition() or "")
    except Py4JError:
        return ""


@contextmanager
def _asking(uri: str) -> Iterator[None]:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
        return
    except (PySparkException, Py4JError) as e:
        what = named(e)
    scheme = uri.partition(":")[0]
    if any(name in what for name in _NO_FILE_SYSTEM):
        raise BadInput(
            f"Spark has no file system for '{scheme}:'", file=uri,
            remedy=f"mend the path, or name its classes in --spark-conf (spark.jars, spark.hadoop.fs.{scheme}.impl)",
        )  # fmt: skip
    if any(name in what for name in _NO_PATH):
        raise BadInput("it is no path of a Hadoop file system", file=uri, remedy="write it like hdfs://host/folder")
    if "FileNotFoundException" in what:
        raise BadInput(
            "there is nothing at this path", file=uri, remedy="mend the path (Hadoop takes a % as it stands)"
        )
    raise BadInput(
        f"the path cannot be used ({what})", file=uri,
        remedy="see that the file system can be reached, and who may read and write there",
    )  # fmt: skip


def _hidden(part: str) -> bool:
    return part.startswith(".") or (part.startswith("_") and "=" not in part)


def _stored(status: Any, name: str) -> StoredFile:
    path = status.getPath()
    return StoredFile(
        path.toString(),
        re.sub(*AS_TOLD, path.toUri().toString()),
        name,
        int(status.getLen()),
        int(status.getModificationTime()),
    )

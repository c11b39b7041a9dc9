"""What the cache holds is taken over whole and unharmed, or not at all."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from pipeline import vault
from pipeline.cache import Cache, key

NAME = key("rows", 1)


def filled(folder: Path) -> Cache:
    cache = Cache(folder / "cache")
    cache.keep(NAME, {"counts": [1, 2]}, [("a.html", "张三".encode()), ("b.html", b"")])
    return cache


def test_an_entry_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    entry = cache.recall(NAME)
    assert entry is not None and entry.about == {"counts": [1, 2]}
    assert {name: entry.text(name) for name in entry.files} == {"a.html": "张三", "b.html": ""}
    assert cache.recall(key("rows", 2)) is None and cache.told == []
    for path in (tmp_path / "cache").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@pytest.mark.parametrize("harm", ["about", "account", "cut", "gone", "no json", "another file"])
def test_a_damaged_entry_is_none_and_one_line_says_so(tmp_path: Path, harm: str) -> None:
    cache = filled(tmp_path)
    entry = tmp_path / "cache" / NAME
    told = json.loads((entry / "about.json").read_text())
    match harm:
        case "about":
            (entry / "about.json").write_text(json.dumps(told | {"about": {"counts": [1, 3]}}))
        case "account":
            (entry / "about.json").write_text(json.dumps({"about": told["about"]}))
        case "cut":
            (entry / "a.html").write_bytes("张三".encode()[:-1])
        case "gone":
            (entry / "b.html").unlink()
        case "no json":
            (entry / "about.json").write_text("[{")
        case "another file":
            (entry / "about.json").write_text(json.dumps(told | {"files": {"a.html": told["files"]["a.html"]}}))
    assert cache.recall(NAME) is None
    (line,) = cache.told
    assert NAME[:12] in line and "made anew" in line
    cache.keep(NAME, {}, [])
    assert (again := cache.recall(NAME)) is not None and again.files == {}


def test_what_was_not_used_goes(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    cache.keep(key(2), [], [])
    (tmp_path / "cache" / ".new-killed").mkdir()
    (tmp_path / "cache" / "another stage").mkdir()
    cache.keep_only([NAME])
    assert {p.name for p in (tmp_path / "cache").iterdir()} == {NAME, "another stage"}


def test_it_is_sealed_where_there_is_a_key(tmp_path: Path) -> None:
    clear = filled(tmp_path)
    vault.write_new_key(tmp_path / "key")
    with vault.in_use(vault.key_of((tmp_path / "key").read_text(), "the test")):
        assert clear.recall(NAME) is None
        cache = filled(tmp_path)
        assert (entry := cache.recall(NAME)) is not None and entry.text("a.html") == "张三"
    files = [p for p in (tmp_path / "cache").rglob("*") if p.is_file() and p.name != "about.json"]
    assert len(files) == 2 and all("张三".encode() not in p.read_bytes() for p in files)
    assert cache.recall(NAME) is None and cache.told == [], "of another key is nothing damaged"


def test_a_cache_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    filled(tmp_path)
    assert (tmp_path / "cache").read_text() == "a file"

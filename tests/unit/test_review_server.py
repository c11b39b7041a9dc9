"""The desk over the wire: who is let in, what is refused, what is never told, and that rulings reach the ledger."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from support.desk import write_run
from support.deskserver import DeskServer, start_desk

from pipeline.ledger import opened
from pipeline.ledger.journal import journal_of
from pipeline.ledger.rulings import LINK, read_rulings

_STAMP = re.compile(r'&#34;stamp&#34;: &#34;([^&]+)&#34;|"stamp": "([^"]+)"')


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def desk(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskServer]:
    server = start_desk(run, "--reviewer", "李审核", log=tmp_path_factory.mktemp("log") / "err.txt")
    wrong = server.ask("GET", "/enter/" + "x" * 43)
    assert wrong.status == 403, "another token"
    server.enter()
    yield server
    server.stop()


def rulings(run: Path) -> pl.DataFrame:
    with opened(run.parent / "ledger.duckdb", wait=10) as con:
        return read_rulings(con, LINK, history=True)


def stamp(text: str) -> str:
    found = _STAMP.search(text)
    assert found
    return found[1] or found[2]


def test_it_listens_on_this_machine_alone(desk: DeskServer) -> None:
    lines = [line.split() for f in ("tcp", "tcp6") for line in Path(f"/proc/net/{f}").read_text().splitlines()[1:]]
    listening = {address for _, address, _, state, *_ in lines if state == "0A"}
    assert {a for a in listening if a.endswith(f":{desk.port:04X}")} == {f"0100007F:{desk.port:04X}"}


def test_the_token_opens_the_desk_once(desk: DeskServer) -> None:
    assert desk.ask("GET", desk.token_path, Cookie="").status == 403
    assert desk.ask("GET", "/links").status == 200


@pytest.mark.parametrize("path", ["/links", "/findings", "/judged", "/state", "/static/desk.css", "/nothing"])
def test_without_the_session_nothing_is_told(desk: DeskServer, path: str) -> None:
    for cookie in ("", f"desk-{desk.port}=" + "x" * 43, f"desk-{desk.port}="):
        answer = desk.ask("GET", path, Cookie=cookie)
        assert answer.status == 401 and len(answer.text) < 80


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:{port}", "[::1]:{port}", ""]
)
def test_another_host_is_refused(desk: DeskServer, host: str) -> None:
    answer = desk.ask("GET", "/links", Host=host.format(port=desk.port))
    assert answer.status in (400, 421) and "<" not in answer.text


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "null"])
def test_another_origin_is_refused(desk: DeskServer, origin: str) -> None:
    other = origin.format(port=desk.port)
    assert desk.ask("GET", "/links", Origin=other).status == 403
    assert desk.ask("POST", "/links/go", {"to": "next"}, Origin=other).status == 403
    assert desk.ask("GET", "/links", Sec_Fetch_Site="cross-site").status == 403
    assert desk.ask("GET", "/links", Sec_Fetch_Site="same-site").status == 403


def test_a_change_that_does_not_say_where_it_comes_from_is_refused(desk: DeskServer) -> None:
    assert desk.ask("POST", "/links/go", {"to": "next"}, Origin="").status == 403
    assert desk.ask("GET", "/links/rule").status == 405
    assert desk.ask("DELETE", "/links").status == 405


def test_a_large_body_is_refused(desk: DeskServer) -> None:
    assert desk.ask("POST", "/links/view", {"words": "x" * 20_000}).status == 413


def test_every_answer_is_kept_nowhere_and_loads_nothing_from_elsewhere(desk: DeskServer) -> None:
    for path in ("/links", "/judged", "/static/desk.js", "/nothing"):
        headers = desk.ask("GET", path).headers
        assert headers["cache-control"] == "no-store" and headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff" and "server" not in headers
    assert "no-store" in desk.ask("GET", "/links", Host="evil.example").headers["cache-control"]
    page = desk.ask("GET", "/links").text
    assert not re.search(r"https?://|<script>|<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_no_address_holds_a_name_or_a_number(desk: DeskServer, run: Path) -> None:
    records = pl.read_parquet(run / "desk" / "record.parquet")
    secret = {v for c in ("name", "id_number", "phone") for v in records[c].to_list() if v}
    for path in ("/links", "/findings", "/rejects", "/judged"):
        page = desk.ask("GET", path).text
        addresses = re.findall(r'(?:href|src|hx-get|hx-post|action)="([^"]*)"', page)
        assert addresses and not [a for a in addresses if any(s in a for s in secret)]
    shown = desk.ask("GET", "/links").text
    assert any(s in re.sub(r"<[^>]+>", "", shown) for s in records["id_number"].to_list() if s), "shown in full"


def test_a_ruling_reaches_the_ledger_and_an_undo_is_a_further_one(desk: DeskServer, run: Path) -> None:
    mark = stamp(desk.ask("GET", "/links").text)
    before = rulings(run).height
    answer = desk.ask("POST", "/links/rule", {"item": "3", "verdict": "different", "stamp": mark, "note": "两个人"})
    assert answer.status == 200 and "已记为不是同一人" in answer.text
    for verdict in ("同一人", ""):
        bad = desk.ask("POST", "/links/rule", {"item": "3", "verdict": verdict, "stamp": mark})
        assert bad.status == 400
    for item in ("999", "9" * 5_000, "-1", "x"):
        assert desk.ask("POST", "/links/rule", {"item": item, "verdict": "same", "stamp": mark}).status == 400
    assert desk.ask("POST", "/links/rule", {"item": "4", "verdict": "same", "stamp": "other"}).status == 409
    assert "已撤销" in desk.ask("POST", "/links/undo", {}).text
    deadline = time.monotonic() + 15
    while (kept := rulings(run)).height < before + 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    new = kept.tail(2)
    assert new["verdict"].to_list() == ["different", "withdrawn"] and new["decided_by"].to_list() == ["李审核"] * 2
    assert new["reason"][0] == "两个人" and new["withdraws"][1] == new["source"][0]
    assert 0.5 <= new["probability"][0] <= 1 and new["month"].to_list() == ["2022-10"] * 2


def test_a_finding_is_dismissed_only_with_a_reason(desk: DeskServer) -> None:
    mark = stamp(desk.ask("GET", "/findings").text)
    refused = desk.ask("POST", "/findings/rule", {"item": "0", "verdict": "dismissed", "stamp": mark, "note": " "})
    assert "要先写明核实到的情况" in refused.text
    assert "已记为不属实" in desk.ask(
        "POST", "/findings/rule", {"item": "0", "verdict": "dismissed", "stamp": mark, "note": "车已报废"}
    ).text  # fmt: skip


def test_a_search_is_no_part_of_an_address_and_finds_by_name_and_tail(desk: DeskServer, run: Path) -> None:
    number = pl.read_parquet(run / "desk" / "record.parquet").filter(pl.col("dataset") == "dibao")["id_number"][0]
    found = desk.ask("POST", "/links/view", {"view": "all", "words": number[-8:]})
    assert "共1对" in found.text and number in re.sub(r"<[^>]+>", "", found.text)
    assert "没有符合条件的" in desk.ask("POST", "/links/view", {"words": "查无此人"}).text
    assert "共40对" in desk.ask("POST", "/links/view", {"words": ""}).text


def test_read_only_shows_and_takes_nothing(run: Path, tmp_path: Path) -> None:
    server = start_desk(run, "--read-only", log=tmp_path / "err.txt")
    try:
        server.enter()
        page = server.ask("GET", "/links").text
        assert "只读，不能判定" in page and 'hx-post="/links/rule"' not in page
        for path in ("/links/rule", "/findings/rule", "/links/undo"):
            answer = server.ask("POST", path, {"item": "0", "verdict": "same", "stamp": "x"})
            assert answer.status in (403, 409) and "只读" in answer.text
        assert not journal_of(run.parent / "ledger.duckdb").exists()
    finally:
        server.stop()


def test_a_fault_tells_its_place_and_nothing_of_a_record(run: Path, tmp_path: Path) -> None:
    broken = tmp_path / "2022-10"
    broken.mkdir()
    for path in run.rglob("*"):
        if path.is_file():
            target = broken / path.relative_to(run)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    findings = pl.read_parquet(broken / "findings.parquet")
    findings.with_columns(evidence=pl.lit('["黄秀英 440281"]')).write_parquet(broken / "findings.parquet")
    server = start_desk(
        broken, "--reviewer", "李", "--ledger", str(run.parent / "ledger.duckdb"), log=tmp_path / "err.txt"
    )  # fmt: skip
    try:
        server.enter()
        answer = server.ask("GET", "/findings")
        assert answer.status == 500 and answer.headers["cache-control"] == "no-store" and "440281" not in answer.text
    finally:
        told = server.stop()
    assert re.fullmatch(r"audit review: a fault of the program: \w+ at screens\.py:\d+\n", told)

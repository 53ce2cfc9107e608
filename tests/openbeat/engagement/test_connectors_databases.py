"""What a team relies on when its log is a table or query of a database; nobody sees the URL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openbeat.engagement.connectors import Rows, read_rows
from openbeat.engagement.settings import EngagementSource
from openbeat.errors import InputError, SourceUnreachableError


def from_database(**others: Any) -> Rows:
    return read_rows(EngagementSource(name="log", table="issues", url_env="LOG_URL", **others))


def told(rows: Rows) -> list[dict[str, Any]]:
    return rows.frame.to_dicts()


DATABASES = ["sqlite", "postgres"]


@pytest.fixture(params=DATABASES)
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Runs statements on an empty database of either kind, which LOG_URL names."""
    from sqlalchemy import create_engine

    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'log.db'}"
    else:
        url = request.getfixturevalue("postgres")
    monkeypatch.setenv("LOG_URL", url)
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg2:"))

    def run(statements: str) -> None:
        with engine.begin() as connection:
            plain = connection.execution_options(no_parameters=True)
            for statement in statements.split(";"):
                plain.exec_driver_sql(statement)

    if request.param == "postgres":
        run("drop schema if exists public cascade; create schema public")
    else:
        run("create table anything (a int)")
    return run


def test_a_table_of_a_database_is_read_in_an_order_of_its_own(
    database: Callable[[str], None],
) -> None:
    database(
        "create table issues (ref text, said text, n integer);"
        "insert into issues values ('b', ' x ', 3), ('a', null, null), ('c', '', 10)"
    )
    rows = from_database(sql_table="issues")
    assert told(rows) == [
        {"line": 2, "ref": "a", "said": None, "n": None},
        {"line": 3, "ref": "b", "said": "x", "n": "3"},
        {"line": 4, "ref": "c", "said": None, "n": "10"},
    ]
    assert rows.name == "issues"
    database("create table again as select * from issues order by ref desc")
    assert from_database(sql_table="again").sha256 == rows.sha256
    database("update issues set said = 'y' where ref = 'b'")
    assert from_database(sql_table="issues").sha256 != rows.sha256


def test_a_query_is_sent_as_it_is_written(database: Callable[[str], None]) -> None:
    database("create table issues (ref text); insert into issues values ('50% :done'), ('x')")
    rows = from_database(query="select ref from issues where ref like '%% :d%' or ref = ':y'")
    assert rows.frame["ref"].to_list() == ["50% :done"]
    assert rows.name == "query of log"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"query": "selct 1"}, "syntax error"),
        ({"query": "select * from nowhere"}, "nowhere"),
        ({"sql_table": "nowhere"}, "nowhere"),
        ({"query": "create table other (a int)"}, "must be one SELECT"),
        ({"query": "select 1 as a, 2 as a"}, "twice"),
    ],
)
def test_a_wrong_query_is_refused_in_the_words_of_the_database(
    database: Callable[[str], None], asked: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError) as error:
        from_database(**asked)
    assert words in str(error.value)
    assert "for-tests" not in str(error.value)


def test_a_value_that_the_query_stumbles_over_is_not_told(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_URL", postgres)
    with pytest.raises(InputError, match="refuses the query") as error:
        from_database(query="select cast(name as integer) from (values ('Ann Example')) t(name)")
    assert "Ann" not in str(error.value)


def test_types_of_postgresql_become_text(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_URL", postgres)
    rows = from_database(
        query="select date '2025-07-01' as day, timestamp '2025-07-01 19:30' as at,"
        " timestamptz '2025-07-01 19:30+01' as sent, time '19:30' as hour, true as open,"
        " 1.50::numeric as money, 2.0::float8 as part, 9007199254740993 as long,"
        " array['b', 'a'] as groups, '{\"b\": 1, \"a\": 2}'::jsonb as more, null as nothing,"
        " '7d2cbb0a-0f3a-4ac6-b7a4-3d2a5f1e0f11'::uuid as id, 'x'::bytea as raw"
    )
    assert told(rows) == [
        {
            "line": 2,
            "day": "2025-07-01",
            "at": "2025-07-01T19:30:00",
            "sent": "2025-07-01T18:30:00Z",
            "hour": "19:30",
            "open": "yes",
            "money": "1.50",
            "part": "2",
            "long": "9007199254740993",
            "groups": "b;a",
            "more": '{"a": 2, "b": 1}',
            "nothing": None,
            "id": "7d2cbb0a-0f3a-4ac6-b7a4-3d2a5f1e0f11",
            "raw": "78",
        }
    ]


def test_a_table_of_another_schema_and_a_view_are_read(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import create_engine

    with create_engine(
        postgres.replace("postgresql:", "postgresql+psycopg2:")
    ).begin() as connection:
        for statement in (
            "drop schema if exists logs cascade",
            "create schema logs",
            'create table logs."Issues" (ref text)',
            "insert into logs.\"Issues\" values ('1')",
            'create view logs.open as select ref from logs."Issues"',
        ):
            connection.exec_driver_sql(statement)
    monkeypatch.setenv("LOG_URL", postgres)
    for name in ("logs.Issues", "logs.open"):
        assert from_database(sql_table=name).frame["ref"].to_list() == ["1"]


def test_sqlite_may_hold_values_of_several_types_in_one_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_URL", f"sqlite:///{tmp_path / 'log.db'}")
    (tmp_path / "log.db").touch()
    rows = from_database(query="select 'x' as v union all select 2.0 union all select 3")
    assert rows.frame["v"].to_list() == ["2", "3", "x"]


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        (None, InputError, "the variable LOG_URL of source 'log' is not set"),
        ("no url, s3cret", InputError, "holds no database URL"),
        ("postgresql://u:s3cret@h:port/n", InputError, "holds no database URL"),
        ("oracle://u:s3cret@localhost/n", InputError, "no driver is installed"),
        ("sqlite:////nowhere/s3cret.db", SourceUnreachableError, "is not there"),
        ("postgresql://u:s3cret@127.0.0.1:1/n", SourceUnreachableError, "cannot be reached"),
        ("postgres://u:s3cret@127.0.0.1:1/n", SourceUnreachableError, "cannot be reached"),
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_url(
    monkeypatch: pytest.MonkeyPatch, url: str | None, kind: type[Exception], words: str
) -> None:
    if url is None:
        monkeypatch.delenv("LOG_URL", raising=False)
    else:
        monkeypatch.setenv("LOG_URL", url)
    with pytest.raises(kind, match=words) as error:
        from_database(sql_table="issues")
    assert "s3cret" not in str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_a_wrong_password_is_told_without_it(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_URL", postgres.replace("for-tests", "s3cret"))
    with pytest.raises(SourceUnreachableError, match="refuses the log-in") as error:
        from_database(sql_table="issues")
    assert "s3cret" not in str(error.value)
    assert "127.0.0.1" not in str(error.value)

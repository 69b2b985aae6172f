"""Settings come from the environment; what cannot be used is told by the variable's name."""

from __future__ import annotations

import stat
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from engine.sandbox import ScriptFailed
from web.container import build_container
from web.settings import LOOPBACK_HOSTS, ScriptSettings, Settings, SettingsError, is_loopback


def read(home: Path, **environment: str) -> Settings:
    return Settings.from_environment({"PLANFLOW_HOME": str(home), **environment})


def test_without_any_choice_everything_lies_in_the_home_folder(tmp_path: Path) -> None:
    settings = read(tmp_path / "home")
    assert settings.database_url == f"sqlite:///{tmp_path}/home/planflow.db"
    assert settings.home == tmp_path / "home"


def test_the_secret_is_made_once_and_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "secret_key"]


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert read(tmp_path / "one").secret_key != read(tmp_path / "two").secret_key


def test_a_given_secret_is_used_and_none_is_written(tmp_path: Path) -> None:
    assert read(tmp_path, PLANFLOW_SECRET_KEY="s" * 32).secret_key == "s" * 32
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANFLOW_SECRET_KEY", "short"),
        ("PLANFLOW_DATABASE_URL", "mysql://somewhere/planflow"),
        ("PLANFLOW_PUBLIC_URL", "plans.example.com"),
        ("PLANFLOW_MAX_BODY", "1 MB"),
        ("PLANFLOW_MAX_BODY", "0"),
        ("PLANFLOW_PROXIES", "-1"),
        ("PLANFLOW_SESSION_HOURS", "²"),
        ("PLANFLOW_API_RATE", "often"),
        ("PLANFLOW_SECURE_COOKIES", "perhaps"),
        ("PLANFLOW_LOG_FORMAT", "xml"),
        ("PLANFLOW_MESSAGE_TTL", "an hour"),
        ("PLANFLOW_MESSAGE_TTL", "P2Y"),
        ("PLANFLOW_SCRIPT_SECONDS", "0"),
        ("PLANFLOW_SCRIPT_SECONDS", "0.01"),
        ("PLANFLOW_SCRIPT_SECONDS", "61"),
        ("PLANFLOW_SCRIPT_SECONDS", "1e9"),
        ("PLANFLOW_SCRIPT_SECONDS", "nan"),
        ("PLANFLOW_SCRIPT_SECONDS", "-1"),
        ("PLANFLOW_SCRIPT_MEMORY", "256 MB"),
        ("PLANFLOW_SCRIPT_MEMORY", "1000000"),
        ("PLANFLOW_SCRIPT_MEMORY", "9" * 30),
        ("PLANFLOW_SCRIPT_WORKERS", "0"),
        ("PLANFLOW_SCRIPT_WORKERS", "101"),
        ("PLANFLOW_JOBS_AT_ONCE", "0"),
        ("PLANFLOW_JOBS_AT_ONCE", "101"),
        ("PLANFLOW_JOB_LEASE", "4"),
        ("PLANFLOW_JOB_LEASE", "PT1M"),
        ("PLANFLOW_JOB_LEASE", "3601"),
        ("PLANFLOW_TIMEZONE", "Mars/Olympus"),
        ("PLANFLOW_TIMEZONE", "../../etc/passwd"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read(tmp_path, **{name: value})


def test_a_worker_makes_four_calls_at_once_of_a_minute_unless_chosen_otherwise(tmp_path: Path) -> None:
    usual = read(tmp_path)
    assert (usual.jobs_at_once, usual.job_lease.total_seconds()) == (4, 60)
    chosen = read(tmp_path, PLANFLOW_JOBS_AT_ONCE="2", PLANFLOW_JOB_LEASE="30")
    assert (chosen.jobs_at_once, chosen.job_lease.total_seconds()) == (2, 30)


def test_scripts_have_a_second_and_256_mib_unless_chosen_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path).scripts == ScriptSettings(seconds=1.0, memory=256 << 20, workers=9)
    chosen = {
        "PLANFLOW_SCRIPT_SECONDS": "0.25",
        "PLANFLOW_SCRIPT_MEMORY": "100000000",
        "PLANFLOW_SCRIPT_WORKERS": "4",
    }
    assert read(tmp_path, **chosen).scripts == ScriptSettings(0.25, 100_000_000, 4)


def test_the_engine_keeps_to_the_limits_of_the_settings(tmp_path: Path) -> None:
    container = build_container(read(tmp_path, PLANFLOW_SCRIPT_SECONDS="0.1"))
    with pytest.raises(ScriptFailed, match=r"0\.1 s"):
        container.engine.services.sandbox.execute("for i in range(2000000000):\n  pass", {})
    container.close()


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="PLANFLOW_HOME"):
        read(tmp_path / "file" / "home")


def test_a_secret_that_was_cut_short_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("cut")
    with pytest.raises(SettingsError, match="secret"):
        read(tmp_path)


def test_postgresql_is_driven_by_psycopg_however_it_is_written(tmp_path: Path) -> None:
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        settings = read(tmp_path, PLANFLOW_DATABASE_URL=f"{scheme}://me@db/plans")
        assert settings.database_url == "postgresql+psycopg://me@db/plans"


def test_an_https_address_makes_cookies_secure_and_names_the_host(tmp_path: Path) -> None:
    settings = read(tmp_path, PLANFLOW_PUBLIC_URL="https://plans.example.com/")
    assert settings.public_url == "https://plans.example.com"
    assert settings.https
    assert settings.cookies_need_https
    assert settings.trusted_hosts == ("plans.example.com",)


def test_on_loopback_only_loopback_names_are_accepted(tmp_path: Path) -> None:
    settings = read(tmp_path).serving_on("127.0.0.1")
    assert settings.trusted_hosts == LOOPBACK_HOSTS
    assert not settings.cookies_need_https


def test_beyond_loopback_cookies_are_secure_unless_chosen_otherwise(tmp_path: Path) -> None:
    assert read(tmp_path).serving_on("192.168.1.4").cookies_need_https
    chosen = read(tmp_path, PLANFLOW_SECURE_COOKIES="no")
    assert not chosen.serving_on("192.168.1.4").cookies_need_https


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_loopback_is_known_by_every_name(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["::", "192.168.1.4", "plans.example.com", "localhost.example.com"])
def test_other_addresses_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_messages_are_kept_for_an_hour_or_as_long_as_was_chosen(tmp_path: Path) -> None:
    assert read(tmp_path).message_ttl == "PT1H"
    for text in ("P2D", "PT0S"):
        assert read(tmp_path, PLANFLOW_MESSAGE_TTL=text).message_ttl == text


ERP = {"PLANFLOW_SECRET_ERP": "token-of-the-erp", "PLANFLOW_SECRET_ERP_HOSTS": "erp.example, ERP.intern"}


def test_secrets_for_requests_are_read_with_their_hosts_and_not_shown(tmp_path: Path) -> None:
    settings = read(tmp_path, **ERP)
    (secret,) = settings.outgoing.secrets.known
    assert (secret.name, secret.value) == ("ERP", "token-of-the-erp")
    assert secret.hosts == {"erp.example", "erp.intern"}
    assert "token-of-the-erp" not in repr(settings)


def test_the_key_that_signs_sessions_is_no_secret_for_requests(tmp_path: Path) -> None:
    settings = read(tmp_path, PLANFLOW_SECRET_KEY="s" * 32, PLANFLOW_SECRET_KEY_HOSTS="evil.example")
    assert settings.outgoing.secrets.known == ()


@pytest.mark.parametrize(
    ("environment", "named"),
    [({"PLANFLOW_SECRET_ERP": "token-of-the-erp"}, "PLANFLOW_SECRET_ERP"),
     ({**ERP, "PLANFLOW_SECRET_ERP": "short"}, "PLANFLOW_SECRET_ERP"),
     ({**ERP, "PLANFLOW_SECRET_erp": "token-of-the-erp"}, "PLANFLOW_SECRET_erp"),
     ({"PLANFLOW_OUTGOING_ALLOW": "10.0.0.1/8"}, "PLANFLOW_OUTGOING_ALLOW"),
     ({"PLANFLOW_OUTGOING_ALLOW": "http://erp"}, "PLANFLOW_OUTGOING_ALLOW"),
     ({"PLANFLOW_OUTGOING_PORTS": "0"}, "PLANFLOW_OUTGOING_PORTS"),
     ({"PLANFLOW_OUTGOING_CA": "/nowhere.pem"}, "PLANFLOW_OUTGOING_CA"),
     ({"PLANFLOW_OUTGOING_CA": __file__}, "PLANFLOW_OUTGOING_CA"),
     ({"PLANFLOW_OUTGOING_SECONDS": "0"}, "PLANFLOW_OUTGOING_SECONDS"),
     ({"PLANFLOW_OUTGOING_CONNECT_SECONDS": "1e3"}, "PLANFLOW_OUTGOING_CONNECT_SECONDS"),
     ({"PLANFLOW_OUTGOING_READ_SECONDS": "301"}, "PLANFLOW_OUTGOING_READ_SECONDS"),
     ({"PLANFLOW_OUTGOING_MAX_ANSWER": "1 MB"}, "PLANFLOW_OUTGOING_MAX_ANSWER"),
     ({"PLANFLOW_OUTGOING_MAX_REQUEST": "999999999"}, "PLANFLOW_OUTGOING_MAX_REQUEST")],
)  # fmt: skip
def test_what_cannot_be_used_for_requests_is_told_by_name_without_the_secret(
    tmp_path: Path, environment: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError, match=f"{named} cannot be used") as caught:
        read(tmp_path, **environment)
    assert "token-of-the-erp" not in str(caught.value)


def test_requests_may_go_where_the_administrator_says(tmp_path: Path) -> None:
    chosen = {"PLANFLOW_OUTGOING_ALLOW": "erp.intern,10.1.0.0/16", "PLANFLOW_OUTGOING_PORTS": "443"}
    outgoing = read(tmp_path, **chosen, PLANFLOW_OUTGOING_SECONDS="2.5").outgoing
    assert outgoing.allowed.has_host("erp.intern")
    assert (outgoing.ports, outgoing.total_seconds) == ((range(443, 444),), 2.5)


def test_the_calendar_is_chinas_unless_another_is_chosen(tmp_path: Path) -> None:
    monday, worked_saturday = date(2026, 10, 5), date(2026, 10, 10)
    found = [read(tmp_path).scripts, read(tmp_path, PLANFLOW_CALENDAR="none").scripts]
    assert [each.working_days.is_workday(monday) for each in found] == [False, True]
    assert [each.working_days.is_workday(worked_saturday) for each in found] == [True, False]


def test_working_days_begin_where_the_company_is_and_know_its_own_days(tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text("2026-05-20,holiday,Founding day\n")
    scripts = ScriptSettings.from_environment(
        {
            "PLANFLOW_TIMEZONE": "Asia/Taipei",
            "PLANFLOW_CALENDAR": "TW",
            "PLANFLOW_CALENDAR_DAYS": str(tmp_path / "days.csv"),
        }
    )
    with closing(scripts.sandbox()) as sandbox:
        late_on_tuesday = {"now": "2026-05-18T20:00:00+00:00"}
        assert sandbox.evaluate("workdays(1)", late_on_tuesday) == "2026-05-20T20:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PLANFLOW_CALENDAR", "China"), ("PLANFLOW_CALENDAR", "XX"), ("PLANFLOW_CALENDAR_DAYS", "/nowhere.csv")],
)
def test_a_calendar_that_cannot_be_used_is_told_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} cannot be used"):
        read(tmp_path, **{name: value})

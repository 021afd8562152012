"""Our own settings: flags beat the environment, the environment beats the file, and a bad value is told by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audience_mcp.settings import Settings, config_folder, read

from .reading import DECLARED, problem, settings


def test_with_nothing_set_everything_has_its_default() -> None:
    assert settings() == Settings()


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = 'AUDIENCE_MCP_CONFIRM = "never"\nAUDIENCE_MCP_RESULT_TOKENS = 300\nAUDIENCE_MCP_LOG = "ERROR"\n'
    made = settings(
        {"result_tokens": 500},
        file,
        tmp_path,
        AUDIENCE_MCP_RESULT_TOKENS="400",
        AUDIENCE_MCP_CONFIRM="always",
    )
    assert (made.result_tokens, made.confirm, made.log) == (500, "always", "ERROR")


def test_a_flag_that_was_not_given_hides_nothing() -> None:
    flags: dict[str, Any] = {"read_only": None, "workspace": [], "providers": None}
    made = settings(
        flags, AUDIENCE_MCP_READ_ONLY="1", AUDIENCE_MCP_WORKSPACE="posthog=7", AUDIENCE_MCP_PROVIDERS="posthog"
    )
    assert (made.read_only, made.workspaces, made.providers) == (True, {"posthog": "7"}, ("posthog",))


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    made = settings(None, "AUDIENCE_MCP_SANDBOX = true", tmp_path, AUDIENCE_MCP_SANDBOX="", AUDIENCE_MCP_LOG="")
    assert made.sandbox
    assert made.log == "WARNING"


@pytest.mark.parametrize("text", ["1", "true", "YES", " on "])
def test_truth_may_be_written_in_several_ways(text: str) -> None:
    assert settings(AUDIENCE_MCP_READ_ONLY=text).read_only


@pytest.mark.parametrize("text", ["0", "false", "No", "off"])
def test_falsehood_too(text: str) -> None:
    assert not settings(AUDIENCE_MCP_READ_ONLY=text).read_only


def test_lists_are_split_at_commas_and_trimmed() -> None:
    made = settings(AUDIENCE_MCP_PROVIDERS=" posthog , synerise,", AUDIENCE_MCP_TOOLSETS="posthog.cohorts")
    assert made.providers == ("posthog", "synerise")
    assert made.toolsets == ("posthog.cohorts",)


def test_a_list_in_the_file_is_a_list(tmp_path: Path) -> None:
    assert settings(None, 'AUDIENCE_MCP_PROVIDERS = ["posthog", "synerise"]', tmp_path).providers == (
        "posthog",
        "synerise",
    )


@pytest.mark.parametrize("text", ["~/exports", str(Path.cwd())])
def test_the_export_folder_is_a_full_path_kept_as_it_was_written(text: str) -> None:
    assert settings(AUDIENCE_MCP_EXPORT_DIR=text).export_dir == Path(text)
    assert settings(AUDIENCE_MCP_EXPORT_DIR="").export_dir is None


def test_a_workspace_is_chosen_for_each_provider() -> None:
    made = settings({"workspace": ["posthog=12", "synerise=Meadow & Main"]})
    assert made.workspaces == {"posthog": "12", "synerise": "Meadow & Main"}


def test_a_workspace_named_by_a_flag_may_hold_commas_and_equals_signs() -> None:
    assert settings({"workspace": ["posthog=A=B, Ltd."]}).workspaces == {"posthog": "A=B, Ltd."}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("READ_ONLY", "maybe"),
        ("CONFIRM", "sometimes"),
        ("UNCONFIRMED", "yes"),
        ("LOG", "LOUD"),
        ("RESULT_TOKENS", "many"),
        ("RESULT_TOKENS", "199"),
        ("RESULT_TOKENS", "nan"),
        ("RESULT_TOKENS", "inf"),
        ("MAX_RESPONSE_MB", "0"),
        ("MAX_RESPONSE_MB", "-1"),
        ("EXPORT_DIR", "exports"),
        ("EXPORT_DIR", "~nobody-of-that-name/exports"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_the_name_of_its_setting(name: str, value: str) -> None:
    assert problem(**{f"AUDIENCE_MCP_{name}": value}).startswith(f"AUDIENCE_MCP_{name} must be ")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("AUDIENCE_MCP_PROVIDERS = 3", "PROVIDERS"),
        ("AUDIENCE_MCP_PROVIDERS = [3]", "PROVIDERS"),
        ("AUDIENCE_MCP_WORKSPACE = {posthog = '7'}", "WORKSPACE"),
        ("AUDIENCE_MCP_RESULT_TOKENS = [800]", "RESULT_TOKENS"),
        ("AUDIENCE_MCP_READ_ONLY = ['yes']", "READ_ONLY"),
        ("AUDIENCE_MCP_CONFIRM = 1", "CONFIRM"),
        ("AUDIENCE_MCP_EXPORT_DIR = ['/exports']", "EXPORT_DIR"),
    ],
)
def test_a_value_of_the_wrong_type_in_the_file_is_told_the_same_way(tmp_path: Path, line: str, name: str) -> None:
    assert problem(None, line, tmp_path).startswith(f"AUDIENCE_MCP_{name} must be ")


@pytest.mark.parametrize("value", ["posthog", "posthog=", "=7", "posthog= "])
def test_a_workspace_without_a_provider_or_a_name_is_refused(value: str) -> None:
    assert problem(AUDIENCE_MCP_WORKSPACE=value)


@pytest.mark.parametrize(
    "flags", [{"providers": "mixpanel"}, {"toolsets": "mixpanel.events"}, {"workspace": ["mixpanel=7"]}]
)
def test_a_provider_that_does_not_exist_is_told_with_those_that_do(flags: dict[str, Any]) -> None:
    assert problem(flags) == "there is no provider 'mixpanel'; known are posthog, synerise"


def test_an_unknown_name_of_ours_is_a_problem_to_tell_and_not_the_end() -> None:
    made = settings(AUDIENCE_MCP_READONLY="1", AUDIENCE_MCP_LOG="INFO")
    (told,) = made.problems
    assert told.startswith("AUDIENCE_MCP_READONLY is not a setting")
    assert "AUDIENCE_MCP_READ_ONLY" in told
    assert made.log == "INFO"


def test_the_rest_of_the_environment_is_none_of_our_business() -> None:
    assert settings(PATH="/bin", POSTHOG_HOST="x", SYNERISE="y").problems == ()


def test_an_unknown_key_in_the_file_is_refused(tmp_path: Path) -> None:
    text = problem(None, 'AUDIENCE_MCP_LOG = "INFO"\nPOSTHOG_KEY = "phx_secret"\n[posthog]\nx = 1', tmp_path)
    assert "POSTHOG_KEY" in text and "POSTHOG" in text
    assert "phx_secret" not in text


def test_keys_of_the_file_may_be_in_lower_case(tmp_path: Path) -> None:
    assert settings(None, "audience_mcp_read_only = true", tmp_path).read_only


@pytest.mark.parametrize("content", [b"not toml", b"\xff\xfe", b"a = "])
def test_a_file_that_is_no_toml_is_told_by_its_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    assert str(path) in problem({"config": str(path)})


def test_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    assert "does not exist" in problem({"config": str(tmp_path / "none.toml")})


def test_the_flag_for_the_file_beats_the_variable(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('AUDIENCE_MCP_LOG = "DEBUG"', encoding="utf-8")
    assert settings({"config": str(path)}, 'AUDIENCE_MCP_LOG = "ERROR"', tmp_path).log == "DEBUG"


def test_the_users_own_file_is_read_when_none_is_named() -> None:
    config_folder().mkdir(parents=True)
    path = config_folder() / "config.toml"
    path.write_text("AUDIENCE_MCP_SANDBOX = true", encoding="utf-8")
    made = read(DECLARED, None, {})
    assert made.sandbox
    assert made.config == path


def test_the_processs_environment_is_read_when_none_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIENCE_MCP_PIN_WORKSPACE", "true")
    assert read(DECLARED).pin_workspace

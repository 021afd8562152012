"""Credentials: from the environment, the file or a file of their own, by label, and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from audience_mcp.errors import SettingsProblem
from audience_mcp.settings import Credential, Settings

from .reading import problem, settings

KEY = "phx_0123456789"


def only(made: Settings) -> Credential:
    (credential,) = made.credentials
    return credential


def key(credential: Credential) -> str:
    return credential.secrets["api_key"].get_secret_value()


def kept(folder: Path, text: str, name: str = "key.txt") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_credential_holds_its_secrets_and_its_plain_values() -> None:
    made = only(settings(POSTHOG_API_KEY=KEY, POSTHOG_REGION="eu"))
    assert (made.provider, made.label, key(made)) == ("posthog", "", KEY)
    assert made.plain == {"region": "eu"}
    assert made.origin == {"api_key": "environment", "region": "environment"}


def test_without_a_secret_there_is_no_credential() -> None:
    assert settings(POSTHOG_REGION="eu", POSTHOG_API_KEY="").credentials == ()
    assert settings(POSTHOG_REGION="eu").configured == ()


def test_the_environment_beats_the_file(tmp_path: Path) -> None:
    file = 'POSTHOG_API_KEY = "of-the-file"\nPOSTHOG_PROJECT_ID = 7'
    made = only(settings(None, file, tmp_path, POSTHOG_API_KEY=KEY))
    assert key(made) == KEY
    assert made.plain == {"project_id": "7"}
    assert made.origin == {"api_key": "environment", "project_id": "file"}


def test_a_secret_may_be_kept_in_a_file_of_its_own(tmp_path: Path) -> None:
    made = only(settings(POSTHOG_API_KEY_FILE=kept(tmp_path, f"{KEY}\n")))
    assert key(made) == KEY
    assert made.origin == {"api_key": "POSTHOG_API_KEY_FILE"}


def test_a_file_named_in_the_environment_beats_a_secret_in_the_configuration(tmp_path: Path) -> None:
    made = only(settings(None, 'POSTHOG_API_KEY = "old"', tmp_path, POSTHOG_API_KEY_FILE=kept(tmp_path, KEY)))
    assert key(made) == KEY


def test_a_secret_beats_its_file_in_the_same_place(tmp_path: Path) -> None:
    assert key(only(settings(POSTHOG_API_KEY=KEY, POSTHOG_API_KEY_FILE=kept(tmp_path, "other")))) == KEY


def test_the_configuration_may_name_a_secrets_file(tmp_path: Path) -> None:
    path = kept(tmp_path, KEY)
    assert key(only(settings(None, f"POSTHOG_API_KEY_FILE = '{path}'", tmp_path))) == KEY


def test_a_plain_value_has_no_file_of_its_own(tmp_path: Path) -> None:
    made = only(settings(POSTHOG_API_KEY=KEY, POSTHOG_REGION_FILE=kept(tmp_path, "eu")))
    assert made.plain == {}
    assert "POSTHOG_REGION_FILE" in problem(None, 'POSTHOG_REGION_FILE = "x"', tmp_path)


def test_a_secrets_file_that_cannot_be_read_is_told_by_its_setting(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xfd")
    (tmp_path / "empty").write_text(" \n", encoding="utf-8")
    for path in (tmp_path / "none", tmp_path, tmp_path / "binary", tmp_path / "empty", "a\x00b"):
        assert problem(POSTHOG_API_KEY_FILE=str(path)).startswith("POSTHOG_API_KEY_FILE ")


def test_space_around_a_value_is_no_part_of_it(tmp_path: Path) -> None:
    made = only(settings(None, 'POSTHOG_REGION = " eu "', tmp_path, POSTHOG_API_KEY=f" {KEY}\r\n"))
    assert key(made) == KEY
    assert made.plain == {"region": "eu"}


def test_several_credentials_of_a_provider_are_told_apart_by_labels(tmp_path: Path) -> None:
    made = settings(
        POSTHOG_API_KEY=KEY,
        POSTHOG_API_KEY__EU="phx_eu",
        POSTHOG_REGION__EU="eu",
        POSTHOG_API_KEY__PL_2_FILE=kept(tmp_path, "phx_pl"),
    )
    assert [(c.label, key(c), dict(c.plain)) for c in made.credentials] == [
        ("", KEY, {}),
        ("EU", "phx_eu", {"region": "eu"}),
        ("PL_2", "phx_pl", {}),
    ]
    assert made.configured == ("posthog",)


def test_a_label_without_a_secret_is_no_credential() -> None:
    assert [c.label for c in settings(POSTHOG_API_KEY=KEY, POSTHOG_REGION__EU="eu").credentials] == [""]


def test_configured_providers_are_those_with_a_credential() -> None:
    made = settings(SYNERISE_USERNAME="ann", SYNERISE_PASSWORD="x", POSTHOG_API_KEY=KEY)
    assert made.configured == ("posthog", "synerise")


def test_no_secret_is_ever_part_of_what_is_printed(tmp_path: Path) -> None:
    path = kept(tmp_path, "pass-from-file")
    file = 'POSTHOG_API_KEY__EU = "key-from-config"'
    made = settings(
        None, file, tmp_path, POSTHOG_API_KEY=KEY, SYNERISE_PASSWORD_FILE=path, SYNERISE_USERNAME="ann-of-x"
    )
    for secret in (KEY, "pass-from-file", "key-from-config", "ann-of-x"):
        assert secret not in repr(made)
        assert secret not in str(made.credentials)


@pytest.mark.parametrize("name", ["AUDIENCE_MCP_LOG", "AUDIENCE_MCP_PROVIDERS"])
def test_a_problem_never_shows_a_secret(name: str) -> None:
    with pytest.raises(SettingsProblem) as caught:
        settings(POSTHOG_API_KEY=KEY, **{name: "nonsense"})
    assert KEY not in str(caught.value)

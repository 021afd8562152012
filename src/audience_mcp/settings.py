"""Flags, environment and a TOML file -> one frozen `Settings`; the only reader of the environment.

Flags beat the environment, the environment beats the file. A secret may be given as `NAME_FILE`, a path to a file that
holds it. `NAME__LABEL` is a further credential of the same provider.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import SecretStr

from audience_mcp.errors import SettingsProblem

PREFIX = "AUDIENCE_MCP_"
OWN_NAMES = (
    "PROVIDERS",
    "TOOLSETS",
    "TOOLS",
    "READ_ONLY",
    "SANDBOX",
    "WORKSPACE",
    "PIN_WORKSPACE",
    "CONFIG",
    "LOG",
    "CONFIRM",
    "UNCONFIRMED",
    "RESULT_TOKENS",
    "MAX_RESPONSE_MB",
    "EXPORT_DIR",
    "REDACT",
    "AUDIT",
)
LABEL = re.compile(r"[A-Z0-9][A-Z0-9_]*")
REDACTED = ("emails", "phones", "names", "addresses")
FIELD = re.compile(r"[^\W\d][\w.$ -]{0,79}")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
LEAST_RESULT_TOKENS = 200

Confirm = Literal["auto", "always", "never"]
Unconfirmed = Literal["refuse", "allow"]
Tools = Literal["all", "core", "search"]


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable of a provider: `field` is its name inside the program, `secret` hides its value."""

    field: str
    name: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Credential:
    """What is configured for one provider under one label ("" is the unlabelled one).

    `origin` says where each field came from (environment, file, a path), never what it is.
    """

    provider: str
    label: str
    secrets: Mapping[str, SecretStr]
    plain: Mapping[str, str]
    origin: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run is configured with."""

    credentials: tuple[Credential, ...] = ()
    providers: tuple[str, ...] = ()
    toolsets: tuple[str, ...] = ()
    tools: Tools = "all"
    read_only: bool = False
    sandbox: bool = False
    workspaces: Mapping[str, str] = field(default_factory=dict)
    pin_workspace: bool = False
    confirm: Confirm = "auto"
    unconfirmed: Unconfirmed = "refuse"
    result_tokens: int = 800
    max_response_mb: float = 50
    export_dir: Path | None = None
    redact: tuple[str, ...] = ()
    audit: Path | None = None
    log: str = "WARNING"
    config: Path | None = None
    problems: tuple[str, ...] = ()

    @property
    def configured(self) -> tuple[str, ...]:
        """Providers with at least one credential, in the order first met."""
        return tuple(dict.fromkeys(credential.provider for credential in self.credentials))


def read(
    declared: Mapping[str, tuple[Variable, ...]],
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings from `flags` (lower-case own names), then the environment, then the configuration file.

    `declared` names each provider's variables. `Settings.problems` lists what is odd but not fatal (an unknown
    AUDIENCE_MCP_ name); commands refuse to run with problems, the server starts and tells them.

    Raises:
        SettingsProblem: A value cannot be used; the text names the setting.
    """
    found = dict(os.environ if environment is None else environment)  # noqa: TID251 - the one place
    flags = {name: value for name, value in (flags or {}).items() if value not in (None, [], ())}
    path = _config_path(flags.get("config") or found.get(f"{PREFIX}CONFIG"))
    file = _file_values(path, declared) if path else {}
    own = _Own(flags, found, file)
    settings = Settings(
        credentials=tuple(credentials(declared, found, file)),
        providers=own.names("PROVIDERS"),
        toolsets=own.names("TOOLSETS"),
        tools=cast(Tools, own.choice("TOOLS", ("all", "core", "search"))),
        read_only=own.truth("READ_ONLY"),
        sandbox=own.truth("SANDBOX"),
        workspaces=_workspaces(own.pairs("WORKSPACE")),
        pin_workspace=own.truth("PIN_WORKSPACE"),
        confirm=cast(Confirm, own.choice("CONFIRM", ("auto", "always", "never"))),
        unconfirmed=cast(Unconfirmed, own.choice("UNCONFIRMED", ("refuse", "allow"))),
        result_tokens=int(own.number("RESULT_TOKENS", 800, LEAST_RESULT_TOKENS)),
        max_response_mb=own.number("MAX_RESPONSE_MB", 50, 0.001),
        export_dir=own.path("EXPORT_DIR", "a folder"),
        redact=_redacted(own),
        audit=own.path("AUDIT", "a file"),
        log=own.choice("LOG", ("WARNING", "DEBUG", "INFO", "ERROR", "CRITICAL")),
        config=path,
        problems=tuple(_unknown_names(found, declared)),
    )
    for name in (*settings.providers, *settings.workspaces, *(t.partition(".")[0] for t in settings.toolsets)):
        if name not in declared:
            raise SettingsProblem(f"there is no provider {name!r}; known are {', '.join(declared)}")
    return settings


def config_folder() -> Path:
    """The user's configuration folder of this program."""
    import platformdirs

    return Path(platformdirs.user_config_dir("audience-mcp", appauthor=False))


def overlays_folder() -> Path:
    """The user's folder for corrections of the providers' documents."""
    return config_folder() / "overlays"


def overlays_cache() -> Path:
    """The user's folder for what came of those corrections at the last start."""
    return state_folder() / "overlays"


def state_folder() -> Path:
    """The user's folder for what a run leaves behind (results of `call`, the confirmation key)."""
    import platformdirs

    return Path(platformdirs.user_state_dir("audience-mcp", appauthor=False))


def changes_folder() -> Path:
    """The user's folder for the journal of changes."""
    return state_folder() / "changes"


def _redacted(own: _Own) -> tuple[str, ...]:
    """The words of redaction, `all` written out; any word that is none of them is a field's name."""
    words = tuple(dict.fromkeys(own.names("REDACT")))
    if own.given("REDACT") and not words:
        raise SettingsProblem(f"{PREFIX}REDACT is empty; it takes {', '.join((*REDACTED, 'all'))} or names of fields")
    for word in words:
        if word in (*REDACTED, "all"):
            continue
        import difflib

        near = difflib.get_close_matches(word.lower(), (*REDACTED, "all"), n=1, cutoff=0.75)
        if near and word != "name":  # a field of that name would be masked by the word that was meant as well
            raise SettingsProblem(f"{PREFIX}REDACT has {word!r}; did you mean {near[0]}?")
        if not FIELD.fullmatch(word):
            raise SettingsProblem(
                f"{PREFIX}REDACT has {word!r}, which is neither {', '.join((*REDACTED, 'all'))} nor the name of a field"
            )
    return tuple(dict.fromkeys(part for word in words for part in (REDACTED if word == "all" else (word,))))


class _Own:
    """Looks one of our own settings up in flags, environment and file, in that order."""

    def __init__(self, flags: Mapping[str, Any], environment: Mapping[str, str], file: Mapping[str, Any]) -> None:
        self._flags, self._environment, self._file = flags, environment, file

    def _raw(self, name: str) -> Any:
        if name.lower() in self._flags:
            return self._flags[name.lower()]
        return self._environment.get(PREFIX + name) or self._file.get(PREFIX + name)

    def given(self, name: str) -> bool:
        """Whether there is a value at all, be it an empty one in a flag."""
        return self._raw(name) is not None

    def names(self, name: str) -> tuple[str, ...]:
        """Text with commas, or a list."""
        return tuple(part.strip() for item in self._items(name) for part in item.split(",") if part.strip())

    def pairs(self, name: str) -> tuple[str, ...]:
        """Like `names`, but a list (flags, file) is already split: a workspace's name may hold a comma."""
        return self.names(name) if isinstance(self._raw(name), str) else self._items(name)

    def _items(self, name: str) -> tuple[str, ...]:
        raw = self._raw(name) or ()
        items = (raw,) if isinstance(raw, str) else raw
        if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
            raise SettingsProblem(f"{PREFIX}{name} must be text or a list of texts, not {raw!r}")
        return tuple(items)

    def truth(self, name: str) -> bool:
        raw = str(self._raw(name) or "").strip().lower()
        if raw not in TRUE | FALSE:
            raise SettingsProblem(f"{PREFIX}{name} must be true or false, not {raw!r}")
        return raw in TRUE

    def choice(self, name: str, options: tuple[str, ...]) -> str:
        raw = str(self._raw(name) or options[0])
        for option in options:
            if raw.strip().lower() == option.lower():
                return option
        raise SettingsProblem(f"{PREFIX}{name} must be one of {', '.join(options)}, not {raw!r}")

    def number(self, name: str, default: float, least: float) -> float:
        raw = self._raw(name)
        try:
            value = float(default if raw is None or raw == "" else raw)
        except (TypeError, ValueError):
            value = least - 1
        if not least <= value < float("inf"):
            raise SettingsProblem(f"{PREFIX}{name} must be a number of at least {least}, not {raw!r}")
        return value

    def path(self, name: str, what: str) -> Path | None:
        """A full path, as it was written: clients start servers in a folder of their own, so a relative one is none."""
        raw = self._raw(name)
        if raw in (None, ""):
            return None
        try:
            if isinstance(raw, str) and Path(raw).expanduser().is_absolute():
                return Path(raw)
        except RuntimeError:  # no home that `~` could mean
            pass
        raise SettingsProblem(f"{PREFIX}{name} must be the full path of {what}, not {raw!r}")


def _workspaces(pairs: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for pair in pairs:
        provider, mark, workspace = pair.partition("=")
        if not mark or not workspace.strip():
            raise SettingsProblem(f"a workspace is given as PROVIDER=ID_OR_NAME, not {pair!r}")
        chosen[provider.strip()] = workspace.strip()
    return chosen


def credentials(
    declared: Mapping[str, tuple[Variable, ...]], environment: Mapping[str, str], file: Mapping[str, Any]
) -> Iterator[Credential]:
    """Each provider's credentials by label, from the environment's variables before the file's."""
    sources = (
        ("environment", {name: value.strip() for name, value in environment.items() if value.strip()}),
        ("file", {name: str(value).strip() for name, value in file.items() if str(value).strip()}),
    )
    for provider, variables in declared.items():
        labels = {""}
        for variable in variables:
            names = {name for _, values in sources for name in values}
            labels |= {label for name in names if (label := _label(name, variable.name)) is not None}
        for label in sorted(labels):
            secrets: dict[str, SecretStr] = {}
            plain: dict[str, str] = {}
            origin: dict[str, str] = {}
            for variable in variables:
                got = next((got for source in sources if (got := _value(variable, label, *source))), None)
                if got is None:
                    continue
                value, origin[variable.field] = got
                if variable.secret:
                    secrets[variable.field] = SecretStr(value)
                else:
                    plain[variable.field] = value
            if secrets:
                yield Credential(provider, label, secrets, plain, origin)


def _label(name: str, variable: str) -> str | None:
    """The label in `VARIABLE__LABEL` or `VARIABLE__LABEL_FILE`; None when `name` is something else."""
    rest = name.removeprefix(f"{variable}__").removesuffix("_FILE")
    return rest if name.startswith(f"{variable}__") and LABEL.fullmatch(rest) else None


def _value(variable: Variable, label: str, source: str, values: Mapping[str, str]) -> tuple[str, str] | None:
    """A variable's value in one source, and where it came from."""
    name = f"{variable.name}__{label}" if label else variable.name
    if name in values:
        return values[name], source
    if not variable.secret or f"{name}_FILE" not in values:
        return None
    try:
        value = Path(values[f"{name}_FILE"]).expanduser().read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsProblem(f"{name}_FILE cannot be read: {error.strerror or 'unreadable'}") from None
    except (ValueError, RuntimeError):
        raise SettingsProblem(f"{name}_FILE cannot be read: it must be the path of a text file in UTF-8") from None
    if not value:
        raise SettingsProblem(f"{name}_FILE names an empty file")
    return value, f"{name}_FILE"


def _config_path(given: Any) -> Path | None:
    if given:
        path = Path(str(given)).expanduser()
        if not path.is_file():
            raise SettingsProblem(f"the configuration file {path} does not exist")
        return path
    usual = config_folder() / "config.toml"
    return usual if usual.is_file() else None


def _file_values(path: Path, declared: Mapping[str, tuple[Variable, ...]]) -> dict[str, Any]:
    try:
        values = {name.upper(): value for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsProblem(f"the configuration file {path} cannot be used: {error}") from None
    unknown = [name for name in values if not _is_known(name, declared)]
    if unknown:
        raise SettingsProblem(f"the configuration file {path} has unknown settings: {', '.join(unknown)}")
    return values


def _is_known(name: str, declared: Mapping[str, tuple[Variable, ...]]) -> bool:
    if name.startswith(PREFIX):
        return name.removeprefix(PREFIX) in OWN_NAMES
    variables = [variable for group in declared.values() for variable in group]
    return any(
        name == variable.name
        or _label(name, variable.name) is not None
        or (variable.secret and name == f"{variable.name}_FILE")
        for variable in variables
    )


def _unknown_names(environment: Mapping[str, str], declared: Mapping[str, tuple[Variable, ...]]) -> Iterator[str]:
    for name in sorted(environment):
        if name.startswith(PREFIX) and not _is_known(name, declared):
            yield f"{name} is not a setting of this version; known are {', '.join(PREFIX + n for n in OWN_NAMES)}"

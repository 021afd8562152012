"""What the texts say is so: commands run, tables are complete, paths exist, figures are counted, examples work."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections import Counter
from pathlib import Path

import pytest

from audience_mcp.cli.main import build_parser
from audience_mcp.providers import PROVIDERS
from audience_mcp.settings import OWN_NAMES, PREFIX
from audience_mcp.tools.own import OWN_NAMES as OWN_TOOLS

from .command import Shell, together

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
TEXTS = {path: (ROOT / path).read_text(encoding="utf-8") for path in (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "src/audience_mcp/README.md"
)}  # fmt: skip
README = TEXTS["README.md"]
TOOLS = json.loads((ROOT / "tools.json").read_text(encoding="utf-8"))["tools"]
CODE = re.compile(r"`([^`\n]+)`")
EXAMPLES = sorted((ROOT / "examples").iterdir())


def commands() -> list[list[str]]:
    """The words of every line in README's bash blocks."""
    blocks = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of the table whose first column is called `first`."""
    table = text[text.index(f"| {first} |") :].split("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def in_words(number: int) -> str:
    return ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"][number].capitalize()


def test_every_command_of_the_readme_can_be_given() -> None:
    given = commands()
    assert len(given) > 5
    for program, *words in given:
        if program == "make":
            assert set(words) <= targets(), words
        else:
            assert program == ".venv/bin/audience-mcp"
            options, rest = build_parser().parse_known_args(words)
            assert options.command in words and not [word for word in rest if word.startswith("-")]
    mentioned = {target for text in TEXTS.values() for target in re.findall(r"`make ([a-z]+)`", text)}
    assert mentioned <= targets()


async def test_the_commands_of_the_readme_that_end_by_themselves_run(shell: Shell) -> None:
    calls = [words for program, *words in commands() if program != "make" and words[0] != "sandbox"]
    persons = next(words for words in calls if "posthog_list_persons" in words)
    read = next(words for words in calls if "read_result" in words)
    # What needs the whole shop shares one run; the others are run as they are written.
    whole = ["call", *(word for words in calls if "--sandbox" in words for word in words[1:] if word != "--sandbox")]
    alone = [words for words in calls if "--sandbox" not in words and words is not read]
    *others, listed = await together(*(shell.run(*words) for words in alone), shell.run(*whole, "--sandbox"))
    for ran in (*others, listed):
        assert ran.code == 0, ran.out + ran.err
    handle = next(
        found
        for part in listed.out.split("\n\n")
        if persons[1] in part
        for found in re.findall(r"handle (r_\w+)", part)
    )
    again = await shell.run(*(word.replace("r_...", handle) for word in read))
    assert again.code == 0 and "@example.com" in again.out


def test_the_settings_table_is_complete_and_right_about_flags() -> None:
    table = rows(README, "variable")
    assert [row[0] for row in table] == [f"`{PREFIX}{name}`" for name in OWN_NAMES]
    known = " ".join(build_parser()._subparsers._group_actions[0].choices["serve"].format_help().split())  # type: ignore[union-attr, index]
    for variable, flag, meaning in table:
        assert meaning
        if flag:
            assert f" {flag.strip('`')} " in known
            assert flag.strip("`-").replace("-", "_").upper() == variable.strip("`").removeprefix(PREFIX)


def test_the_provider_table_counts_the_catalog_and_names_declared_variables() -> None:
    counted = Counter(str(tool["name"]).partition("_")[0] for tool in TOOLS if "_meta" in tool)
    table = rows(README, "provider")
    assert [row[0] for row in table] == [provider.title for provider in PROVIDERS]
    for provider, (_, count, word, configure) in zip(PROVIDERS, table, strict=True):
        assert int(count) == counted[provider.id]
        assert provider.workspace_word in word
        declared = {variable.name for variable in provider.variables}
        named = {name for name in CODE.findall(configure) if name.isupper()}
        assert named and named <= declared
    every = {variable.name for provider in PROVIDERS for variable in provider.variables}
    missing = {name for name in every if f"`{name}`" not in README and f"`{name}=" not in README}
    assert not missing


def test_every_tool_and_variable_that_a_text_names_exists() -> None:
    names = {tool["name"] for tool in TOOLS}
    known = {variable.name for provider in PROVIDERS for variable in provider.variables}
    known |= {PREFIX + name for name in OWN_NAMES}
    for path, text in TEXTS.items():
        for word in re.findall(r"\b(?:synerise|posthog|faraday|giosg)_[a-z_]+\b", text):
            assert word in names, (path, word)
        for word in re.findall(r"\b(?:AUDIENCE_MCP|SYNERISE|POSTHOG|FARADAY|GIOSG)_[A-Z_]+[A-Z]\b", text):
            assert word.partition("__")[0] in known, (path, word)
    (own,) = re.findall(r"(\w+) tools are the server's own: ([^.]*)\.", README)
    assert set(CODE.findall(own[1])) == OWN_TOOLS and own[0] == in_words(len(OWN_TOOLS))


def test_every_path_that_a_text_names_exists() -> None:
    for path, text in TEXTS.items():
        folder = (ROOT / path).parent
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (folder / link).exists(), (path, link)
        for named in CODE.findall(text):
            if re.fullmatch(r"(?:[\w.-]+/)+(?:[\w.-]+\.\w+)?", named):
                assert any((base / named).exists() for base in (folder, ROOT, ROOT / "src/audience_mcp")), (path, named)
            elif re.fullmatch(r"\w+\.(?:py|json|md|yaml)", named):
                assert [*ROOT.glob(named), *(ROOT / "src").rglob(named)], (path, named)


def test_the_changelog_counts_are_true() -> None:
    added, companions = map(int, re.findall(r"typed tool\s+\((\d+)\), with (\d+) companions", TEXTS["CHANGELOG.md"])[0])
    assert added + companions == sum("audience-mcp/operation" in tool.get("_meta", {}) for tool in TOOLS)
    commands_named = set(CODE.findall(TEXTS["CHANGELOG.md"].partition("Commands ")[2].partition(".")[0]))
    choices = build_parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert {name.split()[0] for name in commands_named} == set(choices or ())


async def test_every_example_program_runs(shell: Shell) -> None:
    scripts = Path(sys.executable).parent
    programs = [(sys.executable, str(path)) for path in EXAMPLES if path.suffix == ".py"]
    programs += [("sh", str(path)) for path in EXAMPLES if path.suffix == ".sh"]
    assert len(programs) > 1
    search = {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    for ran in await together(*(shell.program(*words, **search) for words in programs)):
        assert ran.code == 0 and "SANDBOX: " in ran.out and ran.err == "", ran.err


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.suffix == ".json"], ids=lambda path: str(path.name))
def test_every_example_configuration_starts_a_server_this_version_knows(path: Path) -> None:
    servers = json.loads(path.read_text(encoding="utf-8"))["mcpServers"]
    known = {variable.name for provider in PROVIDERS for variable in provider.variables}
    assert servers
    for server in servers.values():
        assert set(server) <= {"command", "args", "env", "type"}
        assert server["command"].endswith("audience-mcp")
        assert build_parser().parse_args(server["args"]).command == "serve"
        assert set(server.get("env", {})) <= known | {PREFIX + name for name in OWN_NAMES}


def test_the_configuration_in_the_readme_is_one_too() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    (server,) = json.loads(block)["mcpServers"].values()
    assert build_parser().parse_args(server["args"]).command == "serve"
    assert set(server["env"]) <= {variable.name for provider in PROVIDERS for variable in provider.variables}

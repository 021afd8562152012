"""Who may use the Synerise sandbox: keys of workspaces, two people, and what the shop's customers log in with."""

from __future__ import annotations

from dataclasses import dataclass

from audience_mcp.sandbox.world import World

VERIFICATION_CODE = "246810"  # every second factor, for any method
PASSWORD = "sandbox-password"
PROFILE_PASSWORD = "sandbox-profile-password"
IDENTITY_PROVIDER_TOKEN = "sandbox-identity-provider-token"
EXTERNAL_PROVIDER_TOKEN = "sandbox-google-token"


@dataclass(frozen=True, slots=True)
class User:
    """A person with access to both workspaces; `mfa` lists the second factors that are asked for."""

    id: int
    username: str
    mfa: tuple[str, ...] = ()


ANALYST = User(7001, "analyst@meadowandmain.example")
OWNER = User(7002, "owner@meadowandmain.example", ("TOTP_AUTHENTICATOR", "EMAIL"))
USERS = {user.username: user for user in (ANALYST, OWNER)}
KEY_HOLDER = 9000  # stands as the author of what an API key creates


@dataclass(frozen=True, slots=True)
class Keys:
    """API key -> key of the workspace it belongs to. Keys look like UUIDs, as Synerise's do, and start with zeros."""

    workspace: dict[str, str]
    profile: dict[str, str]

    @classmethod
    def of(cls, world: World) -> Keys:
        """The keys of a world; the same for the same seed."""
        return cls(
            workspace={_key(world, "workspace", item.key): item.key for item in world.workspaces},
            profile={_key(world, "profile", item.key): item.key for item in world.workspaces},
        )


def _key(world: World, kind: str, workspace: str) -> str:
    return "00000000" + str(world.identifier("synerise", kind, "key", workspace))[8:]

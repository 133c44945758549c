"""`connector.toml`: what a connector says about itself, checked, with every mistake in a sentence."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from connectors.errors import ConnectorInvalid
from webhooks.errors import SchemeMalformed
from webhooks.inbound import MAX_BYTES, make_verifier

Words = Annotated[str, Field(min_length=1, max_length=400)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Https = Annotated[str, Field(pattern=r"^https://[^\s]+$")]
Address = Annotated[str, Field(pattern=r"^(https://|\{address\}/)[^\s]+$")]
"""A fixed address, or one under the owner's own: `{address}/oauth/token`."""


Asked = Annotated[str, Field(pattern=r"^[a-z0-9]{1,10}/[a-z0-9-]{1,60}$")]
"""The rest of a question's address: `v1/invoke`."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Links(Section):
    home: Https
    docs: Https


class FormField(Section):
    """One input of the connect form; `pattern` is a regular expression its whole value must match."""

    name: Name
    label: Words
    help: str = ""
    example: str = ""
    pattern: str | None = None


class AddressField(Section):
    """Asked where every owner has a host of their own; the answer is `Connection.address`.

    `pattern` is a regular expression that the whole `https://…` address must match.
    """

    label: Words
    help: str = ""
    example: str = ""
    pattern: str | None = None


class NoAuth(Section):
    kind: Literal["none"]


class KeyScreen(Section):
    """The platform's own page `url` where the owner allows keys; its server then posts them to us as JSON.

    In `query`, `{state}`, `{callback}` (where the keys go) and `{back}` (where the browser goes) are filled
    in. The field `state` comes back with both; the browser brings `allowed` in `outcome` for a yes.
    """

    url: Address
    query: dict[str, str]
    state: str
    outcome: str
    allowed: str


class KeyAuth(Section):
    """Credentials the owner types in, or allows on the platform's `screen`. `place` says how they go out.

    basic: user and password are the first two fields. bearer: the first field. header: each field that names
    its `header`.
    """

    kind: Literal["key"]
    place: Literal["basic", "bearer", "header"]
    fields: Annotated[list[FormField], Field(min_length=1)]
    headers: dict[str, str] = {}
    help: str = ""
    screen: KeyScreen | None = None

    @model_validator(mode="after")
    def _complete(self) -> KeyAuth:
        names = [field.name for field in self.fields]
        if self.place == "basic" and len(names) != 2:
            raise ValueError("basic needs exactly two fields, the user and the password")
        if self.place == "header" and sorted(self.headers.values()) != sorted(names):
            raise ValueError("headers must give each field its header, as in { X-Token = 'token' }")
        return self


class OAuth2(Section):
    """The owner is sent to `authorize_url`; the hub keeps and renews the tokens (RFC 6749).

    `token_body` is what the platform wants besides, each time it is asked for a token. `revoke_url` is sent
    JSON with the app's id and secret and the `access_token` when the owner disconnects.
    """

    kind: Literal["oauth2"]
    authorize_url: Address
    token_url: Address
    scopes: list[str]
    scope_separator: Literal[" ", ","] = " "
    pkce: bool = True
    token_body: dict[str, str] = {}
    revoke_url: Address | None = None
    header: str = "Authorization"
    word: str = "Bearer"


class Install(Section):
    """The owner installs our app on the platform's page `url` and is sent back with what `installed` reads.

    `app_parameter` names the app on that page, `back_parameter` the address to come back to.
    """

    url: Https
    app_parameter: str
    back_parameter: str


class ClientCredentials(Section):
    """The hub mints a token for each installation with the app's own secret (RFC 6749, section 4.4).

    What `body` names in braces is typed in by the owner, or found out by `install`: then nobody can type in
    somebody else's. `lifetime_seconds` is how long a token lives whose answer does not say.
    """

    kind: Literal["client_credentials"]
    token_url: Https
    body: dict[str, str] = {}
    body_format: Literal["form", "json"] = "form"
    lifetime_seconds: Annotated[int, Field(ge=0)] = 0
    install: Install | None = None
    header: str = "Authorization"
    word: str = "Bearer"


class Signature(Section):
    """No credentials: the hub signs each request with the hook's secrets (Standard Webhooks 1.0).

    The request names its message in the header `webhook-id`.
    """

    kind: Literal["signature"]


Auth: TypeAlias = Annotated[
    NoAuth | KeyAuth | OAuth2 | ClientCredentials | Signature, Field(discriminator="kind")
]


class Source(Section):
    """Where in a delivery something stands: a header, or a path through the payload.

    A header may have several names; the first that is there counts. Strings on the path are read as JSON.
    """

    header: str | list[str] | None = None
    path: list[str] | None = None

    @model_validator(mode="after")
    def _one(self) -> Source:
        if (self.header is None) == (not self.path):
            raise ValueError("give either header or path")
        return self

    @property
    def header_names(self) -> tuple[str, ...]:
        """In lower case; none where it stands in the payload."""
        names = [self.header] if isinstance(self.header, str) else self.header or []
        return tuple(name.lower() for name in names)


class Verification(Section):
    """`secret`: who makes it. ours: the hub, one a connection. owner: typed in. app: the app's own.

    A `shared` hook has one address for all connections; `connection_from` says whose a delivery is.
    """

    scheme: str
    secret: Literal["ours", "owner", "app"] = "ours"  # noqa: S105 - says who makes it
    options: dict[str, Any] = {}
    shared: bool = False
    connection_from: Source | None = None
    max_bytes: int = Field(default=MAX_BYTES, ge=1024, le=10 * MAX_BYTES)
    """How large a delivery may be, where the platform sends larger ones than most."""

    @model_validator(mode="after")
    def _known(self) -> Verification:
        try:
            make_verifier(self.scheme, (), self.options)
        except SchemeMalformed as error:
            raise ValueError(str(error).rstrip(".")) from error
        if self.shared != (self.connection_from is not None):
            raise ValueError("a shared hook needs connection_from, and only a shared one")
        return self


class Events(Section):
    """`handled`: event and what happened. `ignored`: event and the reason, both shown to the owner.

    `sweeps`: an event, and what happened, that tells of changes but not of which: the hub then looks through
    what is there (`backfill`). It also does so every `sweep_hours`, where a platform does not try for ever.
    Without `name_from` every delivery is the one event that is handled.
    `forms`: a body may be a web form's too (`application/x-www-form-urlencoded`), as its content type says.
    `ending`: those handled whose verdict is `Ended`; they are read also where the connection is broken or
    paused. `ends_in_erasure`: the platform demands in the end that all that came of a connection be erased.
    """

    name_from: Source | None = None
    handled: Annotated[dict[str, Words], Field(min_length=1)]
    ignored: dict[str, Words] = {}
    sweeps: dict[str, Words] = {}
    sweep_hours: Annotated[int, Field(ge=0, le=720)] = 0
    forms: bool = False
    ending: list[str] = []
    ends_in_erasure: bool = False

    @model_validator(mode="after")
    def _disjoint(self) -> Events:
        if self.name_from is None and (len(self.handled) != 1 or self.ignored or self.sweeps):
            raise ValueError("without name_from there can be one handled event, and no other")
        if both := sorted(self.handled.keys() & self.ignored.keys()):
            raise ValueError(f"{', '.join(both)} cannot be both handled and ignored")
        if both := sorted(self.sweeps.keys() & (self.handled.keys() | self.ignored.keys())):
            raise ValueError(f"{', '.join(both)} cannot be in sweeps and handled or ignored too")
        if strange := sorted(set(self.ending) - self.handled.keys()):
            raise ValueError(f"{', '.join(strange)} cannot be ending and not handled")
        if self.ends_in_erasure and not self.ending:
            raise ValueError("ends_in_erasure needs an event in ending that says when")
        return self

    @property
    def header_names(self) -> tuple[str, ...]:
        """The headers an event's name may stand in, in lower case; none where it stands in no header."""
        return () if self.name_from is None else self.name_from.header_names


class Questions(Section):
    """What a platform asks and waits for the answer to, under the address of its shared hook.

    `asked`: the rest of the address, and what is asked. The scheme's options may name the app's
    `{client_id}`; its secrets are those of the app's hook.
    """

    scheme: str
    options: dict[str, Any] = {}
    connection_from: Source
    asked: Annotated[dict[Asked, Words], Field(min_length=1)]

    @model_validator(mode="after")
    def _known(self) -> Questions:
        try:
            make_verifier(self.scheme, (), self.options)
        except SchemeMalformed as error:
            raise ValueError(str(error).rstrip(".")) from error
        return self


class Speech(Section):
    """What the text template and the filter are until the owner changes them."""

    text: Words
    only_when: str = ""


class Option(Section):
    """One choice of the owner; together they are the connect form.

    A `pick` is chosen among what the connector's `choices` finds on the platform; its value is a text.
    """

    name: Name
    type: Literal[
        "text", "template", "condition", "choice", "pick", "yes_no", "number", "url", "language", "voice"
    ]
    label: Words
    help: str = ""
    default: str | int | bool = ""
    choices: list[str] = []
    required: bool = False
    least: int | None = None
    most: int | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Option:
        wanted = {"yes_no": bool, "number": int}.get(self.type, str)
        if type(self.default) is not wanted:
            raise ValueError(f"the default of a {self.type} option must be {_KINDS[wanted]}")
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices belong to options of the type choice, and to no other")
        if self.choices and self.default not in self.choices:
            raise ValueError(f"the default must be one of {', '.join(self.choices)}")
        return self


_KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", str: "a text"}


class Manifest(Section):
    """`hosts` are the origins of the platform's API, where it has its own: credentials go nowhere else."""

    name: Words
    summary: Words
    links: Links
    auth: Auth
    hosts: list[Https] = []
    address: AddressField | None = None
    verification: Verification | None = None
    questions: Questions | None = None
    events: Events | None = None
    speech: Speech | None = None
    options: list[Option] = []

    @model_validator(mode="after")
    def _whole(self) -> Manifest:
        together = [self.verification is None, self.events is None, self.speech is None]
        if len(set(together)) > 1:
            raise ValueError("verification, events and speech belong together: give all three or none")
        shared = self.verification is not None and self.verification.shared
        if self.questions is not None and not shared:
            raise ValueError("questions come to a shared hook, so there must be one")
        names = [option.name for option in self.options]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"the option {twice[0]} is declared twice")
        scheme = None if self.verification is None else self.verification.scheme
        if isinstance(self.auth, Signature) and scheme != "standard_webhooks":
            raise ValueError("the auth kind signature signs as standard_webhooks verifies: use that scheme")
        return self

    @property
    def is_joined_there(self) -> bool:
        """Whether the owner is sent to the platform to let us in, and nothing is typed in here."""
        match self.auth:
            case OAuth2():
                return True
            case ClientCredentials():
                return self.auth.install is not None
        return False


def read_manifest(path: Path) -> Manifest:
    """The checked manifest. Raises ConnectorInvalid with one sentence for each mistake."""
    shown = f"{path.parent.name}/{path.name}"
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConnectorInvalid(
            f"{shown} is missing: write one, with name, summary, links and auth at least."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConnectorInvalid(f"{shown} is not TOML: {error}.") from error
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        mistakes = " ".join(sentence_of(shown, mistake) for mistake in error.errors())
        raise ConnectorInvalid(mistakes) from error


_KINDS_OF_AUTH = ("none", "key", "oauth2", "client_credentials")


def sentence_of(shown: str, mistake: Any) -> str:
    """One of pydantic's mistakes in the file `shown`, in words."""
    place = ".".join(str(step) for step in mistake["loc"] if step not in _KINDS_OF_AUTH)
    where = f"{shown}: {place}" if place else shown
    match mistake["type"]:
        case "missing":
            return f"{where} is missing; add it."
        case "extra_forbidden":
            return f"{where} is not known; take it out or mend its spelling."
        case "value_error":
            return f"{where}: {mistake['ctx']['error']}."
    return f"{where} is wrong: {mistake['msg'][:1].lower()}{mistake['msg'][1:]}."

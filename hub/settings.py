"""Every setting, from the environment (prefix `SAYHOOK_`) or a `.env` file, in one typed, frozen object."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sayhook"


class App(BaseModel):
    """What a platform gave this hub when it was registered there as an app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    hook_secrets: tuple[SecretStr, ...] = ()
    """Secrets or public keys that show who sent an event, newest first; without any, `client_secret`."""


class Settings(BaseSettings):
    """How this process runs. Empty settings mean one machine: SQLite, embedded Valkey, files in `data`."""

    model_config = SettingsConfigDict(
        env_prefix="SAYHOOK_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    data: Path = Field(
        Path("data"), description="Folder for the database, the audio, the queue and the secret key."
    )
    models: Path = Field(
        default_factory=lambda: _cache_folder() / "models",
        description="Folder for the voice models, shared by all runs.",
    )
    host: str = Field("127.0.0.1", description="Address the web process listens on.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("PORT", "SAYHOOK_PORT", "port"),
        description="Port the web process listens on, 0 for any free one; `PORT` wins over it.",
    )
    public_url: str = Field(
        "", description="Address people reach this hub under, e.g. https://voice.example.com."
    )
    database_url: str = Field("", description="SQLAlchemy URL; empty means SQLite in the data folder.")
    redis_url: str = Field(
        "", description="redis:// URL; empty means the embedded Valkey on the loopback address."
    )
    storage_url: str = Field(
        "",
        description="file://, s3://, gs:// or az:// URL of a place of the hub's own (what it does not "
        "know there is deleted); empty means the data folder.",
    )
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Keys for signing links and encrypting secrets, newest first, comma separated; "
        "empty means one made once and kept in the data folder.",
    )
    engine: Literal["auto", "kokoro", "voxcpm", "voxcpm-server"] = Field(
        "auto",
        description="Speech engine: kokoro (embedded), voxcpm (VoxCPM2 in the worker, needs "
        "`pip install 'sayhook[voxcpm]'` and a graphics card) or voxcpm-server (VoxCPM2 on another machine); "
        "auto takes VoxCPM2 where its model or server is set, and kokoro for what it cannot say.",
    )
    voxcpm_model: Path | None = Field(
        None, description="Folder of the VoxCPM2 checkpoint; empty means VoxCPM2 in the models folder."
    )
    voxcpm_device: Literal["auto", "cuda", "mps", "cpu"] = Field(
        "auto", description="Where VoxCPM2 runs; CUDA_VISIBLE_DEVICES picks the card, not a number here."
    )
    voxcpm_compile: bool = Field(
        True, description="Compile VoxCPM2 at the start (CUDA only): a minute longer, then twice as fast."
    )
    voxcpm_transcripts: Literal["both", "continue", "ignore"] = Field(
        "both",
        description="What VoxCPM2 does with a reference's transcript: both (closest likeness), continue "
        "(only speak on from the recording), ignore (likeness only; cues work, no word of the recording "
        "slips in).",
    )
    voxcpm_server_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Address of a VoxCPM2 server, e.g. http://gpu-box:8091; needed for voxcpm-server.",
    )
    voxcpm_server_api: Literal["openai", "nanovllm"] = Field(
        "openai", description="What that server is: openai (vLLM-Omni) or nanovllm (nano-vllm-voxcpm)."
    )
    voxcpm_server_model: str = Field(
        "", description="Name vLLM-Omni serves the model under; empty takes the only one there is."
    )
    voxcpm_server_key: SecretStr = Field(
        SecretStr(""), description="Key sent to that server as a bearer token; empty sends none."
    )
    voxcpm_server_patience: float = Field(
        60.0, gt=0, description="Seconds that server may stay silent before an attempt is given up."
    )
    worker_threads: int = Field(
        0, ge=0, le=256, description="Processor threads a speak worker uses; 0 means all cores."
    )
    speak_at_once: int = Field(
        0,
        ge=0,
        le=64,
        description="Texts a speak worker speaks at the same time; 0 means one for each of its cores, up to "
        "8. A lone text uses all of them.",
    )
    speak_workers: int = Field(1, ge=1, le=64, description="Speak worker processes `serve` starts.")
    queue_limit: int = Field(10_000, ge=1, description="Waiting jobs at which new ones get 503 Server busy.")
    waiting_limit: float = Field(
        72.0,
        gt=0,
        description="Hours after which a job that no worker took up, or finished, is ended as failed "
        "(`expired`): its credits come back.",
    )
    job_timeout: float = Field(
        600.0, gt=0, description="Seconds after which one attempt at a generation is given up."
    )
    heartbeat: float = Field(5.0, gt=0, description="Seconds between a running job's signs of life.")
    lease: float = Field(
        30.0, gt=0, description="Seconds without a sign of life after which a job is taken over."
    )
    sweep_interval: float = Field(5.0, gt=0, description="Seconds between the sweeper's rounds.")
    link_lifetime: int = Field(3600, ge=1, description="Seconds a signed audio link lives.")
    allow_private_callbacks: bool = Field(
        False,
        description="Let callbacks and webhooks reach private and loopback addresses (development only).",
    )
    sign_up: bool = Field(True, description="Whether anyone may make an account at /signup.")
    credit_price: float = Field(
        0.001, ge=0, description="US dollars a credit costs, shown small beside credits; 0 shows none."
    )
    apps: dict[str, App] = Field(
        default_factory=dict,
        description="The apps this hub is on platforms that need one, as JSON: "
        '{"shopify": {"client_id": "...", "client_secret": "..."}}.',
    )
    connector_packages: str = Field(
        "", description="Python packages with further connectors, comma separated."
    )
    stand_ins: dict[str, str] = Field(
        default_factory=dict,
        description="Origins of platforms and the addresses of the simulators that stand in for them, as "
        "JSON (development only).",
    )
    payment_url: str = Field(
        "",
        description="Where people buy credits; {account_id} and {email} in it are filled in. Empty shows no "
        "such link.",
    )
    payment_secret: SecretStr = Field(
        SecretStr(""),
        description="whsec_ secrets, comma separated, that sign the payment provider's events to "
        "/hooks/payments; empty takes none.",
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server, smtp://user:password@host:587 (TLS when offered) or smtps://…:465; "
        "empty writes password links to the log.",
    )
    mail_from: str = Field("", description="Sender of mail; empty means sayhook@ the public address.")
    trusted_proxies: str = Field(
        "", description="Addresses of proxies whose X-Forwarded-* headers are believed."
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token that /metrics asks for; empty shows the figures to anyone."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="auto: console on a terminal, else JSON."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged."
    )

    @model_validator(mode="after")
    def _check_engine(self) -> Self:
        if self.engine == "voxcpm-server" and not self.voxcpm_server_url:
            raise ValueError("SAYHOOK_ENGINE=voxcpm-server needs SAYHOOK_VOXCPM_SERVER_URL")
        return self

    @cached_property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{(self.data / 'sayhook.db').resolve()}"

    @cached_property
    def resolved_storage_url(self) -> str:
        return self.storage_url or (self.data / "audio").resolve().as_uri()

    @cached_property
    def base_url(self) -> str:
        """The address put into links, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

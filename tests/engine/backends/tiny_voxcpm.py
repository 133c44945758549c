"""A VoxCPM2 checkpoint of 2 MB: the package's own classes at toy sizes, with random weights.

Rates, strides and token numbers are those of the real model, so lengths and chunks are true: one step makes
160 ms at 48 kHz. What it says is shaped noise. A few weights are set by hand to make it stop: text adds to a
running mean, audio takes from it, and below zero speech ends after `STEPS_PER_TOKEN` steps a token.
"""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

HIDDEN, HEAD = 64, 16
STEPS_PER_TOKEN = 0.8

_TEXT_MARK = 6.0
_LONG_ROPE = {"type": "longrope", "original_max_position_embeddings": 32768}
_LANGUAGE_MODEL = {
    "bos_token_id": 1,
    "eos_token_id": 2,
    "hidden_size": HIDDEN,
    "intermediate_size": 128,
    "max_position_embeddings": 32768,
    "num_attention_heads": 4,
    "num_hidden_layers": 2,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "rope_scaling": {**_LONG_ROPE, "long_factor": [1.0] * 8, "short_factor": [1.0] * 8},
    "vocab_size": 512,
    "use_mup": False,
    "scale_emb": 1.0,
    "dim_model_base": HIDDEN,
    "scale_depth": 1.0,
    "kv_channels": HEAD,
}
_SMALL = {"hidden_dim": 32, "ffn_dim": 64, "num_heads": 2, "num_layers": 1, "kv_channels": HEAD}
_SOLVER = {"sigma_min": 1e-6, "solver": "euler", "t_scheduler": "log-norm", "inference_cfg_rate": 2.0}
# Half the real codec's stages, with the same strides altogether: each costs the same here, however small.
_CODEC = {
    "encoder_dim": 8,
    "encoder_rates": [2, 5, 8, 8],
    "latent_dim": 16,
    "decoder_dim": 8,
    "decoder_rates": [16, 12, 10],
    "depthwise": True,
    "sample_rate": 16000,
    "out_sample_rate": 48000,
    "use_noise_block": False,
    "sr_bin_boundaries": [20000, 30000, 40000],
    "cond_type": "scale_bias",
    "cond_dim": 128,
    "cond_out_layer": False,
}
CONFIG: dict[str, Any] = {
    "architecture": "voxcpm2",
    "lm_config": _LANGUAGE_MODEL,
    "patch_size": 4,
    "feat_dim": 16,
    "residual_lm_num_layers": 1,
    "residual_lm_no_rope": True,
    "scalar_quantization_latent_dim": 16,
    "scalar_quantization_scale": 9,
    "encoder_config": _SMALL,
    "dit_config": {**_SMALL, "dit_mean_mode": False, "cfm_config": _SOLVER},
    "audio_vae_config": _CODEC,
    "max_length": 4096,
    "device": "cuda",
    "dtype": "float32",
}


class Stop(StrEnum):
    AFTER_TEXT = "after text"
    NEVER = "never"


class Codec(StrEnum):
    """The two forms a release may bring the audio codec in."""

    SAFETENSORS = "audiovae.safetensors"
    PICKLED = "audiovae.pth"


def build(folder: Path, stop: Stop = Stop.AFTER_TEXT, codec: Codec = Codec.SAFETENSORS) -> Path:
    """Write the checkpoint; needs the `voxcpm` package. The same arguments give the same weights."""
    import torch
    from safetensors.torch import save_file
    from transformers import LlamaTokenizerFast
    from voxcpm.model.voxcpm2 import VoxCPM2Model, VoxCPMConfig
    from voxcpm.modules.audiovae import AudioVAEV2

    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    _write_tokenizer(folder)
    torch.manual_seed(0)
    config = VoxCPMConfig.model_validate(CONFIG)
    tokenizer = LlamaTokenizerFast.from_pretrained(str(folder))
    model = VoxCPM2Model(config, tokenizer, AudioVAEV2(config.audio_vae_config), device="cpu")
    with torch.no_grad():
        _set_stop(model, stop)
    weights = {name: weight.contiguous() for name, weight in model.state_dict().items()}
    own = {
        name.removeprefix("audio_vae."): weights.pop(name) for name in list(weights) if "audio_vae." in name
    }
    save_file(weights, folder / "model.safetensors")
    if codec is Codec.SAFETENSORS:
        save_file(own, folder / codec)
    else:
        torch.save({"state_dict": own}, folder / codec)
    return folder


def _write_tokenizer(folder: Path) -> None:
    """Every byte is a token and there are a few pairs, so no text is unknown."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers

    reserved = ["<unk>", "<s>", "</s>", *(f"<|{number}|>" for number in range(3, 105))]
    letters = [f"<0x{byte:02X}>" for byte in range(256)] + ["▁", *"abcdefghijklmnopqrstuvwxyz"]
    pairs = [("t", "h"), ("i", "n"), ("e", "r"), ("o", "n"), ("▁", "a"), ("▁", "t"), ("o", "u")]
    vocabulary = {token: number for number, token in enumerate([*reserved, *letters, *map("".join, pairs)])}
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in reserved])
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer_class": "LlamaTokenizerFast", "add_bos_token": False, "add_eos_token": False}
    settings |= {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def _set_stop(model: torch.nn.Module, stop: Stop) -> None:
    """Channel 0 marks text and audio, channel 1 carries the mean of the marks so far to the stop head."""
    net: Any = model
    net.stop_head.weight.zero_()
    if stop is Stop.NEVER:
        return
    others = HIDDEN - 2
    net.base_lm.embed_tokens.weight[:, 0] = _before_norm(_TEXT_MARK, others)
    net.base_lm.embed_tokens.weight[:, 1] = 0.0
    net.enc_to_lm_proj.weight[:2] = 0.0
    net.enc_to_lm_proj.bias[:2] = 0.0
    # A linear layer's usual random weights bring a third of the energy of an embedding's.
    net.enc_to_lm_proj.bias[0] = -_before_norm(_TEXT_MARK / STEPS_PER_TOKEN, others / 3)
    for layer in net.base_lm.layers:
        layer.self_attn.o_proj.weight[:2] = 0.0
        layer.mlp.down_proj.weight[:2] = 0.0
    attention = net.base_lm.layers[0].self_attn
    attention.q_proj.weight[:HEAD] = 0.0  # a head that asks for nothing looks at everything alike
    attention.v_proj.weight[0] = 0.0
    attention.v_proj.weight[0, 0] = 1.0
    attention.o_proj.weight[1, 0] = 1.0
    for layer, row, column, gain in (
        (net.fsq_layer.in_proj, 0, 1, 8.0),
        (net.fsq_layer.out_proj, 1, 0, 1.0),
        (net.stop_proj, 0, 1, -40.0),
    ):
        layer.weight[row] = 0.0
        layer.weight[row, column] = gain
        layer.bias[row] = 0.0
    net.stop_proj.bias[0] = -2.0
    net.stop_head.weight[1, 0] = 1.0


def _before_norm(mark: float, others: float) -> float:
    """The value that RMS normalisation makes into `mark`, beside channels of so much energy."""
    return mark * math.sqrt(others / (HIDDEN - mark**2))

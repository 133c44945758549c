from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelMissing
from engine.packs import Packs, gender_of, is_british, language_of, leading


def test_all_stock_voices_are_installed_and_named_for_language_and_gender(models_folder: Path) -> None:
    packs = Packs(models_folder)
    assert len(packs) == 54
    assert {language_of(name) for name in packs} == {"en", "es", "fr", "hi", "it", "ja", "pt", "zh"}
    assert {gender_of(name) for name in packs} == {"female", "male"}
    assert is_british("bm_george")
    assert not is_british("am_adam")


def test_a_pack_is_a_finite_table_nobody_can_write_to(models_folder: Path) -> None:
    pack = Packs(models_folder)["af_heart"]
    assert pack.shape == (510, 256)
    assert pack.dtype == np.float32
    assert np.isfinite(pack).all()
    with pytest.raises(ValueError, match="read-only"):
        pack[0, 0] = 1.0


def test_a_made_voice_tells_which_stock_voice_leads_it() -> None:
    assert leading("clone of bf_emma+af_sky") == "bf_emma"
    assert leading("am_puck") == "am_puck"
    assert leading("somebody") is None


def test_an_unknown_voice_is_a_key_error(models_folder: Path) -> None:
    with pytest.raises(KeyError):
        Packs(models_folder)["af_nobody"]


def test_no_packs_at_all_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="sayhook models fetch"):
        Packs(tmp_path)


def test_a_damaged_pack_is_refused(tmp_path: Path, models_folder: Path) -> None:
    content = bytearray((models_folder / "voices/af_sky.bin").read_bytes())
    content[1000] ^= 1
    (tmp_path / "voices").mkdir()
    (tmp_path / "voices/af_sky.bin").write_bytes(content)
    with pytest.raises(ModelMissing, match=r"af_sky\.bin is damaged"):
        Packs(tmp_path)["af_sky"]

"""Text made speakable: cleaned, spelled out, cut into segments, turned into phonemes."""

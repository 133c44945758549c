"""Hooks of scenario builders: subscribed by a Zap or a scenario, told of each voiceover's end, taken back."""

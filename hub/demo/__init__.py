"""The whole loop with no account anywhere: a simulated platform, a hub of its own, audio on the page."""

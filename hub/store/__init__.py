"""The record of money, jobs and deliveries, and the place of audio files."""

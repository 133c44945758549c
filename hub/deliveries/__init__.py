"""Outgoing messages: written with the job that causes them, sent until they arrive or are given up."""

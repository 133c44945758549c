"""Bytes in, bytes out: verify, sign, guard, schedule, deliver. Imports no other room."""

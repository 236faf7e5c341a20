"""Pixels for a terminal."""

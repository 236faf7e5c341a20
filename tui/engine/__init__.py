"""Prompt in, pictures out."""

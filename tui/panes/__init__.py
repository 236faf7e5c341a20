"""Prompt, options, history, preview and jobs."""

"""Finding and judging a proxy."""

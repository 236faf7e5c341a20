"""Pictures kept."""

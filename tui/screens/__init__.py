"""What covers the panes."""

"""Small shared parts of the screen."""

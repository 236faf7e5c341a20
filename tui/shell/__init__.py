"""The command line's own room: how words and flags are read, and what the commands of the library print."""

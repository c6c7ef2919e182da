"""The command line: words to calls, exceptions to messages and exit codes."""

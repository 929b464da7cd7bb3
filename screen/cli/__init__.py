"""The command line: thin commands, one file per group, that import what they need when they run."""

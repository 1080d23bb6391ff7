"""The command line (click); every command imports its work inside its function."""

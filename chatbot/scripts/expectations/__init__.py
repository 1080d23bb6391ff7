"""What a script may expect of a reply: one short file for each family, and one table of them all."""

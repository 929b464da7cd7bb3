"""The vocabulary: its files to concepts, and how its words are found."""

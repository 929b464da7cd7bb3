"""What things mean: frozen types without any input or output.

Nothing in this package reads a file, looks at a clock or knows how a protocol is written
down. Every other package imports from here; this one imports from nobody.
"""

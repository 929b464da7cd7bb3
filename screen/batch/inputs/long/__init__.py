"""Tables with many rows to a case, brought together case by case."""

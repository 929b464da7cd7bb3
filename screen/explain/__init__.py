"""From a screened case to words: JSON, the bedside table, the whole tree, Markdown.

Everything here is a pure fold over the result; nothing decides anything again.
"""

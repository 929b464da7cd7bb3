"""A site's files to cases."""

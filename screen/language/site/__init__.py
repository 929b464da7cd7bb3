"""A site's own file, and the forms of what a site writes."""

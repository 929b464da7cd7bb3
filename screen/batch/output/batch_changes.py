"""What is not as it was when a batch wrote its output, by the digests in its manifest."""

from collections.abc import Iterator

from screen.batch.inputs.opened import Input
from screen.batch.mapping.model import Mapping as SiteMapping
from screen.batch.output.manifest import Manifest
from screen.changes import Change, changed
from screen.language.loading.rules import Rules

_HOW = "is not what it was in the batch"


def batch_changes(
    manifest: Manifest, rules: Rules, mapping: SiteMapping | None, source: Input
) -> Iterator[Change]:
    """What differs in what was read now: the mapping, the rules, the input.

    Protocols that are not among `rules` are not looked at.
    """
    was = manifest.mapping
    if mapping is not None and was is not None:
        yield from changed("site", f"the mapping {mapping.file}", was.digest, mapping.digest, _HOW)
        how = "are not of the version that the batch had"
        yield from changed("program", "the time zones (tzdata)", was.tzdata, mapping.tzdata, how)
    site = manifest.site.digest if manifest.site else ""
    yield from changed("site", "the site's file", site, rules.site_digest, _HOW)
    recorded = manifest.rules.digests
    for name, digest in rules.digests.items():
        if name == "vocabulary":
            yield from changed("rules", "the vocabulary", recorded.get(name), digest, _HOW)
        elif name in recorded:
            yield from changed("rules", f"the protocol {name}", recorded[name], digest, _HOW)
        else:
            yield Change("rules", "the batch", f"did not screen against {name}")
    inputs = manifest.input.files.values()
    for name, digest in source.digests().items():
        if digest not in inputs:
            yield Change("input", f"the input {name}", _HOW)

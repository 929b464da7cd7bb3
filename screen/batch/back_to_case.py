"""From a line of a batch back to its reasons: the case, read again and decided again."""

import csv
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BufferedReader, TextIOWrapper
from pathlib import Path

from screen.batch.deciding.case_decider import case_of, line_of, named_places
from screen.batch.inputs.documents.document_files import Document
from screen.batch.inputs.opened import Input, open_input
from screen.batch.inputs.part import Part
from screen.batch.mapping.mapping_file import load_mapping
from screen.batch.output.batch_changes import batch_changes
from screen.batch.output.manifest import read_manifest
from screen.batch.rule_source import RuleSource
from screen.batch.tables.block import Reject
from screen.documents.text_files import shown_path
from screen.engine.decide import Screener
from screen.files import is_there, open_file, refusal
from screen.model.concept import Vocabulary
from screen.model.screening import ScreenedCase
from screen.problems import Kind, Problem, ProblemsFound, shown
from screen.quoting import guarded

_LOOKED_AT = 100_000


@dataclass(frozen=True, slots=True)
class Found:
    """A case of a batch, screened again against one protocol.

    `changes` are sentences on what is not as it was when the batch ran; to be said first.
    """

    screened: ScreenedCase
    vocabulary: Vocabulary
    staleness: Mapping[str, int]
    changes: tuple[str, ...]


class NotScreened(Exception):
    """A case of a batch that was refused, with every line of rejects.csv that is about it."""

    def __init__(self, case: str, rejects: tuple[Reject, ...]) -> None:
        super().__init__(case)
        self.case = case
        self.rejects = rejects


def look_up(
    out: Path,
    case: str,
    protocol: str,
    *,
    input: Path | None = None,  # noqa: A002
    rules: Path | None = None,
) -> Found:
    """Screen `case` of the batch in `out` again, by the rule engine and from the original input.

    `input` says where the input is now if it was moved; so does `rules`. Raises NotScreened if the
    batch refused the case; ProblemsFound if there is no such batch, input or case, or if the case
    cannot be read.
    """
    manifest = read_manifest(out)
    rejects = _rejects_of(out, case)
    if rejects and not _was_screened(out, case):
        raise NotScreened(case, rejects)
    folder = rules or _path(out, manifest.rules.path)
    site = _path(out, manifest.site.path if manifest.site else None)
    chosen = RuleSource(folder, (protocol,), site, strict=manifest.strict)
    loaded = chosen.load()
    mapping_path = _path(out, manifest.mapping.path if manifest.mapping else None)
    mapping = load_mapping(mapping_path, loaded.vocabulary) if mapping_path else None
    if mapping is not None and mapping.unit_aliases:
        loaded = chosen.with_mapping(mapping.unit_aliases).load()
    path = input or _path(out, manifest.input.path)
    assert path is not None
    patients = _path(out, manifest.input.patients)
    screened_at = manifest.screened_at
    more = [_path(out, file) for file in manifest.input.more]
    beside = tuple(file for file in more if file is not None)
    source = open_input(path, mapping, loaded.vocabulary, patients, screened_at, beside)
    document, part = _find(source, case)
    changes = [change.text for change in batch_changes(manifest, loaded, mapping, source)]
    read = case_of(document, loaded.vocabulary, screened_at, chosen.strict)
    found = named_places(read, part)
    screened = Screener(loaded.vocabulary, loaded.protocols, loaded.staleness).screen(found)
    now = line_of(screened.screenings[0])
    before = _line_before(out, found.id, now.protocol)
    if before is None:
        changes.append("the batch did not screen this case (see its rejects.csv)")
    elif before != (now.verdict, now.criteria):
        changes.append(f"the batch said {before[0]}, and now it is {now.verdict}")
    return Found(screened, loaded.vocabulary, loaded.staleness, tuple(changes))


def _rejects_of(out: Path, case: str) -> tuple[Reject, ...]:
    """The lines of rejects.csv about one case."""
    try:
        with (
            open_file(out / "rejects.csv") as raw,
            TextIOWrapper(BufferedReader(raw), encoding="utf-8", newline="") as file,
        ):
            header, *lines = csv.reader(file)
            if tuple(header) != Reject._fields or any(len(line) != len(header) for line in lines):
                raise ValueError(header)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, csv.Error) as error:
        raise _no_output(out / "rejects.csv") from error
    wanted = guarded(shown(case))
    rejects = (Reject(*line) for line in lines)  # type: ignore[arg-type]
    return tuple(
        reject._replace(row=int(row) if (row := str(reject.row)).isdecimal() else None, case=case)
        for reject in rejects
        if reject.case == wanted
    )


def _path(out: Path, relative: str | None) -> Path | None:
    return None if relative is None else Path((out.resolve() / relative).resolve())


def _find(source: Input, case: str) -> tuple[Document, Part]:
    with (
        tempfile.TemporaryDirectory() as work,
        closing(source.deliveries(_LOOKED_AT, Path(work))) as deliveries,
    ):
        for delivery in deliveries:
            if delivery.part is None:
                continue
            part = delivery.part.of_case(case)
            for document in part.documents():
                if document.case == case:
                    return document, part
    raise ProblemsFound([Problem(Kind.NO_SUCH_CASE, source.name, value=shown(case))])


def _was_screened(out: Path, case: str) -> bool:
    return _line_before(out, case, "") is not None


def _line_before(out: Path, case: str, protocol: str) -> tuple[str, str] | None:
    """The verdict and the letters in the batch's own output, of any protocol if none is given;
    None if there is no such line.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow_csv
    from pyarrow import parquet

    columns = ["case", "protocol", "verdict", "criteria"]
    name = "verdicts.parquet" if is_there(out / "verdicts.parquet") else "verdicts.csv"
    shown_name = shown_path(out / name)
    try:
        with open_file(out / name) as file:
            if name == "verdicts.parquet":
                batches = parquet.ParquetFile(file).iter_batches(columns=columns)
            else:
                texts = arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(columns, pa.string()), include_columns=columns
                )
                batches = arrow_csv.open_csv(file, convert_options=texts)
            for batch in batches:
                ids = pc.utf8_ltrim(batch.column("case").cast("string"), "'")
                mine = pc.equal(ids, case.lstrip("'"))
                if protocol:
                    mine = pc.and_(mine, pc.equal(batch.column("protocol"), protocol))
                found = batch.filter(mine).to_pylist()
                if found:
                    return found[0]["verdict"], found[0]["criteria"]
    except OSError as error:
        raise refusal(error, shown_name) from error
    except (pa.ArrowException, KeyError) as error:
        raise _no_output(out / name) from error
    return None


def _no_output(file: Path) -> ProblemsFound:
    detail = "it is not what a batch writes"
    return ProblemsFound([Problem(Kind.UNREADABLE, shown_path(file), detail=detail)])

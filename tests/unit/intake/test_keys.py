"""The names of what a record can say, held to the fields that hold it."""

from screen.intake.keys import CASE_KEYS, PATIENT_COLUMNS, PATIENT_KEYS, RECORD_KEYS, TIME_KEYS
from screen.model.case import CONTEXTS, Observation
from screen.model.criterion import Selection


def test_each_key_of_a_record_is_a_field_of_an_observation() -> None:
    of_its_own = {"concept", "value", "text", "where"}
    assert {*RECORD_KEYS, *of_its_own} == set(Observation.__struct_fields__)


def test_each_context_is_recorded_and_can_be_asked_for() -> None:
    assert set(CONTEXTS) <= set(RECORD_KEYS)
    assert set(CONTEXTS) <= set(Selection.__struct_fields__)
    asked = Selection("spo2", on="room_air", assay="a", specimen="s", formula="f")
    assert [name for name, _ in asked.contexts] == list(CONTEXTS)
    assert all(getattr(asked, name) == value for name, value in asked.contexts)


def test_a_patient_and_a_time_are_called_alike_everywhere() -> None:
    assert set(PATIENT_COLUMNS) <= {*CASE_KEYS, *PATIENT_KEYS}
    assert set(TIME_KEYS) <= {*CASE_KEYS, *PATIENT_KEYS, *RECORD_KEYS}

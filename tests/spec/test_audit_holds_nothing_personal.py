"""The log has a lower privacy level than the data: what must not be in it cannot get in."""

import pytest

from audit import AuditLog, Event, EventRefused, EventType

title = "The audit log holds ids, clauses and bands, and nothing personal"

BASE = {"actor": "jane@county.example", "role": "evaluator", "agency": "council", "action": "query"}

MAY_IT_BE_LOGGED = """
subject         | submission-0012          | yes
subject         | police.contacts          | yes
subject         | 9434765919               | no
subject         | AB123456C                | no
subject         | LE17-1AA                 | no
subject         | 17293822569102704641     | no
subject         | Jane Example             | no
purpose         | sf-evaluation            | yes
purpose         | to look for my neighbour | no
cells           | 10-99                    | yes
cells           | 17                       | no
families        | 0-9                      | yes
families        | 3                        | no
protocol_digest | 00112233445566778899aabb | yes
error           | ExtractRejected          | yes
error           | no row for Jane Example  | no
note            | anything                 | no
surname         | Example                  | no
"""


@pytest.mark.parametrize(
    ("place", "value", "answer"),
    [tuple(c.strip() for c in row.split("|")) for row in MAY_IT_BE_LOGGED.strip().splitlines()],
)
def test_what_may_stand_in_an_event(place, value, answer):
    fields = {place: value} if place in {"subject", "purpose"} else {"detail": {place: value}}
    if answer == "yes":
        Event(EventType.ACCESS_INTENT, **BASE, **fields)
        return
    with pytest.raises(EventRefused) as refusal:
        Event(EventType.ACCESS_INTENT, **BASE, **fields)
    assert value not in str(refusal.value)


def test_a_staff_id_is_in_no_evidence_and_can_be_forgotten(tmp_path, signer_key):
    with AuditLog.open(tmp_path / "log", signer_key, "county.example/audit") as log:
        entry = log.append(Event(EventType.ACCESS_INTENT, **BASE))
        evidence = [
            (tmp_path / "log" / name).read_bytes() for name in ("entries.jsonl", "checkpoint")
        ]
        assert all(b"jane" not in data for data in evidence)
        assert log.actors.name_of(entry.event.actor) == "jane@county.example"
        log.actors.forget("jane@county.example")
        remains = b"".join(path.read_bytes() for path in (tmp_path / "log").iterdir())
        assert b"jane" not in remains


@pytest.fixture
def signer_key():
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()

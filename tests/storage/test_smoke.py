from datetime import UTC, datetime
from storage.repositories import peers, dialogs, outbox, inbox, claims
from storage.repositories.outbox import Draft, Verdict
from storage.unit import Key
NOW = datetime(2026, 11, 22, tzinfo=UTC)

def test_a_turn(store):
    def work(u):
        p = peers.ensure(u, "telegram", "1", "55", "ko", NOW)
        k = Key("telegram:1", p.id, "9")
        assert inbox.claim(u, k, b"x", p.sid) is None
        dialogs.save(u, p, "f", b"{}", NOW)
        born = outbox.put(u, p.id, [Draft(0, "ask", b"{}", NOW), Draft(0, "say", b"{}", NOW)], NOW, lease=90)
        inbox.answer(u, k, p.sid, b"ans")
        return p, born
    p, born = store.transact(work, "a")
    assert all(b.token for b in born)
    assert store.transact(lambda u: claims.claim(u, NOW, ["telegram"]), None) == []
    n = store.transact(lambda u: outbox.settle(u, [Verdict(b.id, b.token, "sent") for b in born]), None)
    assert n == 2
    store.transact(lambda u: outbox.put(u, p.id, [Draft(0, "ask", b"{}", NOW), Draft(1, "say", b"{}", NOW)], NOW), "c")
    got = store.transact(lambda u: claims.claim(u, NOW, ["telegram"]), None)
    assert len(got) == 1, got
    assert store.transact(lambda u: outbox.renew(u, got[0].id, got[0].token), None)

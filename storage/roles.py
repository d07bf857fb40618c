"""Four roles of PostgreSQL, and what each may do: the second wall (security S7, probe P10).

`jt_owner` has the tables and runs `migrate` alone; `jt_public`, `jt_desk` and `jt_work` are the
accounts of the three parts. Row-level security is forced, so that not even the owner reads rows
by accident. Nothing here makes or knows a password.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from knowledge.cases import NAMES as CASE
from storage import tuning
from storage.errors import StartRefused
from storage.models import metadata
from storage.repositories.agency_dates import COLUMNS as _DATE
from storage.repositories.broadcasts import PUBLIC as _NEWS
from storage.repositories.calls import Call
from storage.repositories.faqs import SHOWN as _FAQ
from storage.repositories.filings import Filing
from storage.repositories.guards import PRESENT

OWNER, PUBLIC, DESK, WORK = "jt_owner", "jt_public", "jt_desk", "jt_work"
ROLES = (OWNER, PUBLIC, DESK, WORK)
PART_ROLES = {"public": PUBLIC, "desk": DESK, "work": WORK}

WALLED = (
    "filings",
    "events",
    "attachments",
    "keys",
    "peers",
    "outbox",
    "cases",
    "faqs",
    "broadcasts",
    "agency_dates",
    "leases",
)
"""Tables with forced row-level security."""

ALL = "SELECT, INSERT, UPDATE, DELETE"
ADD = "SELECT, INSERT"
READ = "SELECT"

_FILING = ", ".join((*Filing.__dataclass_fields__, "code_mac"))
_MOVED = ", ".join(
    name for name in (*Filing.__dataclass_fields__, "code_mac", "identity")
    if name not in {"id", "sid", "number", "procedure", "procedure_version", "mode", "channel"}
)  # fmt: skip

_CALL = ", ".join(Call.__dataclass_fields__) + ", erased_at"

PUBLIC_GRANTS: dict[str, str] = {
    "filings": f"SELECT ({_FILING}), INSERT, UPDATE ({_MOVED})",
    "events": ADD,
    "fact_requests": "SELECT (id, filing_id, unit_id, state, due_at), UPDATE (state, replied_at)",
    "external_numbers": "SELECT (filing_id, due_at)",
    "users": "SELECT (id, login, name, unit_id, phone, email, active, staff_no, title)",
    "instance": "SELECT, UPDATE (last_seen, hold)",
    "errands": "INSERT, SELECT (id)",
    "sketches": "INSERT, SELECT (filing_id), UPDATE",
    "finders": "INSERT, SELECT (filing_id), DELETE",
    "crowds": "INSERT",
    "calls": f"SELECT ({_CALL}), INSERT, UPDATE",
    "tasks": "SELECT, INSERT, UPDATE (done_at)",  # what a citizen's answer makes moot ends
    "sent_keys": ADD,
    "guards": ADD,
    "key_readers": ALL,
    **dict.fromkeys(("peers", "outbox", "people", "consents"), "SELECT, INSERT, UPDATE"),
    **dict.fromkeys(("heads", "stops", "deadlines", "extensions"), "SELECT, INSERT, UPDATE"),
    "dialog_counts": "SELECT, INSERT, UPDATE",
    "publications": READ,
    "cases": f"SELECT (id, {', '.join(CASE)})",  # neither who wrote it nor why it was withdrawn
    "faqs": f"SELECT ({', '.join(_FAQ)})",
    "versions": READ,
    "subscriptions": "SELECT, INSERT, UPDATE",  # no address stands in them
    "sign_ups": "INSERT",  # what somebody typed is read by `work` alone
    "broadcasts": f"SELECT ({', '.join(_NEWS)})",
    "broadcast_pictures": READ,
    "broadcast_lines": "SELECT (broadcast_id, sent, unknown)",  # whether anybody may have read it
    "agency_dates": f"SELECT ({', '.join(_DATE)}, ended_at)",  # elections alone: what rests when
    "questions": "SELECT (id, sid, mark, state, times), INSERT, UPDATE (times, last_at)",
    "question_askers": "SELECT, INSERT, DELETE",  # whoever asked may forget it
    **dict.fromkeys(("dialogs", "inbox", "attachments", "keys", "tickets", "rates"), ALL),
    "relay_items": "INSERT, SELECT (id, sid, kind, filing_id, ref, done, blob, file_number, at)",
    "relay_cases": "INSERT, SELECT (filing_id, mirror)",
    "heartbeats": ALL,
    "leases": "SELECT, INSERT, UPDATE",  # that a messenger is ill, for whoever sends
    **dict.fromkeys(("units", "days_off", "user_roles", "key_checks", "desk_keys"), READ),
    **dict.fromkeys(("postings", "deputies", "unit_successors", "stand_ins"), READ),
    "switches": READ,
    **dict.fromkeys(("schema_revisions", "alembic_version"), READ),
    **dict.fromkeys(("official_links", "posted"), READ),  # who hears of a report that comes
}
"""What the public part needs, and no more: of filings neither the answers nor who reported.

Whoever adds a table that citizens' pages use adds it here; tests/walls/test_roles.py tells.
"""

INNER_GRANTS: dict[str, str] = {
    "events": "SELECT, INSERT, UPDATE (detail)",
    "roots": ADD,
    "accesses": "SELECT, INSERT, DELETE",  # never altered; old lines are swept
    "schema_revisions": READ,
    "alembic_version": READ,
}
"""Where the desk and `work` may not do everything: the journal only grows (security S4)."""

HIDDEN = (
    "approve", "ask_about", "ask_revision", "call_noted", "call_opened", "caller_found",
    "case_asked", "case_drafted", "case_dropped", "case_released", "case_sent_back", "case_taken_back",
    "close_unreported", "committee_reply", "compared", "conflict", "danger", "exported",
    "external_no", "fact_read", "fact_reply", "fact_request", "file_opened", "guard_confirmed",
    "guard_open", "guard_opened", "held", "hide_reply", "hold_ended", "identify",
    "identity_opened", "imported", "many_people", "no_conflict", "note", "nudged", "printed",
    "printed_unredacted", "promise", "recuse", "reject", "reply", "report_outcome",
    "representatives", "revise", "send_back", "show_reply", "superior_reply", "to_approval",
    "to_committee", "to_superior", "unredacted_asked", "urge", "written_in",
)  # fmt: skip
"""Kinds of events that no citizen's page needs: what officials write for each other, what they ask
of the audit office before they decide, and who looked. tests/walls/test_kinds.py asks of every new
kind where it belongs."""

# The guard itself: whom it names, and within whose reach stands the unit that it names. What is
# set is read once for a statement, as a subquery of its own.
_SET = "(SELECT nullif(current_setting('jt.{}', true), '')::{})"
_SAID = f"{_SET.format('as', 'text')} IN ('official', 'service')"
_DAY = f"coalesce(g.since, DATE '{PRESENT}')"
_KEPT_OUT = (
    "SELECT 1 FROM guards g WHERE g.filing_id = {} AND NOT g.proposed AND "  # noqa: S608
    f"(g.user_id = {_SET.format('user', 'bigint')} OR EXISTS (SELECT 1 "
    f"FROM jsonb_to_recordset({_SET.format('reach', 'jsonb')}) "
    "AS r(unit bigint, last date, before date) "
    f"WHERE r.unit = g.unit_id AND r.last >= {_DAY} AND r.before > {_DAY}))"
)
# As the owner, because under the desk's own policies the guarded filing would not be there to ask.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION jt_kept_out(about bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET jt.owner = 'migrate'
AS $$ SELECT EXISTS (
  SELECT 1 FROM filings f
  WHERE f.sid = about AND (({_SAID}) IS NOT TRUE OR EXISTS ({_KEPT_OUT.format("f.id")})
    OR (f.reach IN ('own', 'away') AND {_SET.format("as", "text")} <> 'service'))
) $$"""  # noqa: S608
# What somebody keeps for himself is read by nobody at the desk; the service asks for him there.
_NOBODYS = f"(filings.reach NOT IN ('own', 'away') OR {_SET.format('as', 'text')} = 'service')"
_NO_MAIL = "NOT (channel = 'mail' AND account IN ('citizen', 'news'))"
# ANALYZE after a fan-out; before PostgreSQL 17 only the owner may, and autovacuum does it later.
_MAINTAIN = f"""DO $$ BEGIN
IF current_setting('server_version_num')::int >= 170000 THEN
  EXECUTE 'GRANT MAINTAIN ON sendings TO {WORK}';
END IF; END $$"""
_SEEN = f"{_SAID} AND NOT EXISTS ({{}})"

PUBLIC_ROWS: dict[str, str] = {
    "filings": "true",
    "events": (  # of reports alone: what happens in the house is no citizen's page either
        f"kind NOT IN ({', '.join(repr(kind) for kind in HIDDEN)}) "  # noqa: S608
        "AND EXISTS (SELECT 1 FROM filings f WHERE f.sid = events.subject)"
    ),
    "attachments": "filing_id IS NULL OR created_at > now() - interval '2 days'",
    # Just made it is seen, because INSERT … RETURNING has to; then nobody there can destroy it.
    "keys": "purpose <> 'identity' OR created_at > now() - interval '1 minute'",
    "peers": _NO_MAIL,
    "outbox": "channel <> 'mail' OR EXISTS (SELECT 1 FROM peers p WHERE p.id = outbox.peer_id)",
    # A row in the place of what was shipped says that this is not to be shown as it came.
    **dict.fromkeys(("cases", "faqs"), "status = 'published' OR origin = 'shipped'"),
    "broadcasts": (
        "state IN ('sending', 'paused', 'done') OR (state = 'cancelled' AND EXISTS (SELECT 1 "
        "FROM broadcast_lines l WHERE l.broadcast_id = broadcasts.id AND l.sent + l.unknown > 0))"
    ),
    "agency_dates": "kind = 'election'",
    "leases": "starts_with(name, 'breaker:')",
}
WRITTEN_AS_SEEN = ("leases",)
"""Where the public part may not even write what it would not see."""
DESK_ROWS: dict[str, str] = {
    "filings": f"{_SEEN.format(_KEPT_OUT.format('filings.id'))} AND {_NOBODYS}",
    "attachments": _SEEN.format(_KEPT_OUT.format("attachments.filing_id")),
    "events": "NOT jt_kept_out(subject)",  # the house's own are written before anybody is known
}
"""The rest is all there for the desk: keys open nothing without their rows."""


def statements(*, first: bool = True) -> Iterator[str]:
    """Give the SQL, to be run by who may make roles and has the tables; running it twice is fine.

    Not `first`: what the owner himself runs after each migration, for tables that are new.
    """
    if first:
        yield from _roles()
    for table in _tables():
        for one in (table, *tuning.parts(table)):
            yield f"ALTER TABLE {one} OWNER TO {OWNER}"
        yield f"REVOKE ALL ON {table} FROM PUBLIC, {', '.join(PART_ROLES.values())}"
        inner = INNER_GRANTS.get(table, ALL)
        yield f"GRANT {inner} ON {table} TO {DESK}, {WORK}"
        if table in PUBLIC_GRANTS:
            yield f"GRANT {PUBLIC_GRANTS[table]} ON {table} TO {PUBLIC}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {', '.join(PART_ROLES.values())}"
    yield _MAINTAIN
    if first:  # only a superuser may tie a setting of ours to a function (PostgreSQL 15)
        yield _FUNCTION
    for function in ("events_guard()", "jt_kept_out(bytea)"):
        yield f"ALTER FUNCTION {function} OWNER TO {OWNER}"
    for table in WALLED:
        yield from _wall(table)


def _roles() -> Iterator[str]:
    for role in ROLES:
        yield (
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}"
    yield f"GRANT USAGE ON SCHEMA public TO {', '.join(PART_ROLES.values())}"


def _tables() -> list[str]:
    return ["alembic_version", *(table.name for table in metadata.sorted_tables)]


def _wall(table: str) -> Iterator[str]:
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    rows = {
        OWNER: "current_setting('jt.owner', true) = 'migrate'",
        PUBLIC: PUBLIC_ROWS[table],
        DESK: DESK_ROWS.get(table, "true"),
        WORK: "true",
    }
    for role, seen in rows.items():
        checked = seen if role == OWNER or table in WRITTEN_AS_SEEN else "true"
        yield f"DROP POLICY IF EXISTS {role}_rows ON {table}"
        yield (
            f"CREATE POLICY {role}_rows ON {table} TO {role} USING ({seen}) WITH CHECK ({checked})"
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Who we are in the database; `walled`: the roles are in force here."""

    user: str
    role: str  # of ROLES, "" for another account
    walled: bool
    owns: bool
    above: bool  # a superuser, or one past row-level security


def standing(conn: sa.Connection) -> Standing | None:
    """Look who we are; None on SQLite, which has one role."""
    if conn.dialect.name != "postgresql":
        return None
    row = conn.execute(
        sa.text(
            "SELECT current_user AS user, c.relforcerowsecurity AS walled, "
            "pg_has_role(c.relowner, 'USAGE') AS owns, "
            "(SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS above "
            "FROM pg_class c WHERE c.oid = 'filings'::regclass"
        )
    ).one()
    member = ""
    if row.walled and not row.above:
        names = ", ".join(f"'{role}'" for role in ROLES)
        member = (
            conn.execute(
                sa.text(
                    f"SELECT rolname FROM pg_roles WHERE rolname IN ({names}) "  # noqa: S608
                    "AND pg_has_role(oid, 'USAGE') ORDER BY rolname = current_user DESC LIMIT 1"
                )
            ).scalar()
            or ""
        )
    return Standing(row.user, member, row.walled, row.owns, row.above)


def see_all(conn: sa.Connection) -> None:
    """See every row in this transaction, as a backup has to; whoever may not gets an error."""
    found = standing(conn)
    if found is not None and found.walled and found.role == OWNER:
        conn.execute(sa.select(sa.func.set_config("jt.owner", "migrate", True)))
    elif found is not None and found.role != WORK:  # whose policies hide nothing
        conn.execute(sa.text("SET LOCAL row_security = off"))


MAY: dict[str, tuple[str, ...]] = {
    "public": (PUBLIC, WORK, ""),
    "desk": (DESK, WORK, ""),
    "work": (WORK, ""),
    "all": (WORK, ""),
}
"""With which role a part can do its work; the first is the one it should have."""


def refuse(found: Standing | None, part: str) -> None:
    """Refuse an account that this part cannot work with; raises StartRefused."""
    if found is None or not found.walled or found.above:
        return
    if found.role == OWNER or found.owns:
        reason = "표의 주인 계정입니다. 주인은 jeokgeuk migrate에만 씁니다"
        raise StartRefused("DATABASE_URL", found.user, reason)
    if found.role not in MAY[part]:
        reason = f"이 부분이 일할 수 없는 계정입니다({MAY[part][0]} 역할이 필요합니다)"
        raise StartRefused("DATABASE_URL", found.user, reason)


def apply(conn: sa.Connection, *, first: bool = True) -> None:
    """Run the statements; with `first` the caller may make roles."""
    for statement in statements(first=first):
        conn.exec_driver_sql(statement)

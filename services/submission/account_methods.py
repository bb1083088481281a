"""RPC methods about who acts for a unit: invitations, cadres' accounts, sign-in and sessions."""

import hashlib
import hmac
from dataclasses import asdict, replace
from typing import Any

from nameko.rpc import rpc

from services.submission import invitations, queries, roll, schemas
from services.submission.events import CadreInvited, CadreJoined, RollRow
from services.submission.log_methods import LogMethods
from shared import passwords
from shared.decider import Refused
from shared.errors import Forgotten
from shared.names import comparable_name
from shared.personal import PersonalFields, person
from shared.reference_numbers import reference_number
from shared.rpc import Call, Reply, call, refusal, stored
from shared.session_store import SessionStore

CADRE = "cadre"  # the kind of subject that may be forgotten, as the vault names it


class AccountMethods(LogMethods):
    """The methods of submission's service by which people of units get in."""

    @rpc
    @call(schemas.InviteUnits, roles=("organiser", "operator"))
    def invite_units(self, call: Call) -> Reply:
        """Issue an invitation for each of the units named, or for all that may enter and have nobody who can sign in.

        Units that have an open invitation already keep it, unless they are named. Returns all that are open.
        """
        units, key = call.body["units"], call.id.partition(".")[0]
        if units is None:
            units = queries.units_without_cadre(self._state, self._at(call))
        name = f"i-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
        outcome = None
        for i in range(0, len(units), invitations.MOST_AT_ONCE):
            part = tuple(units[i : i + invitations.MOST_AT_ONCE])
            inviting = invitations.InviteCadres(part, name, call.actor, self._at(call))
            outcome = self._append(call, replace(call.envelope(inviting), id=f"{key}-{i}.{call.id.partition('.')[2]}"))
            if outcome.refused is not None:
                return refusal(outcome.refused)
        answer = {"issued": len(units), "invitations": self._open_invitations(self._at(call))}
        return {"ok": {**answer, "repeated": False}} if outcome is None else stored(outcome, answer)

    @rpc
    @call(schemas.Nothing, roles=("organiser", "operator"))
    def open_invitations(self, call: Call) -> Reply:
        """Return the open invitations with their texts, to be handed over."""
        return {"ok": {"invitations": self._open_invitations(self._at(call))}}

    @rpc
    @call(schemas.Nothing, roles=("unit",))
    def invite_colleague(self, call: Call) -> Reply:
        """Issue an invitation for another cadre of the unit that calls."""
        name = f"i-{hashlib.sha256(call.id.encode()).hexdigest()[:16]}"
        outcome = self._submit(call, invitations.InviteCadres((call.actor,), name, call.actor, self._at(call)))
        if outcome.refused is not None:
            return refusal(outcome.refused)
        return stored(outcome, self._invitation_view(self._state.invitations[call.actor]))

    @rpc
    @call(schemas.JoinUnit)
    def join_unit(self, call: Call) -> Reply:
        """Open a cadre's account by an invitation, and begin a session."""
        body, state = call.body, self._state
        row = state.unit_by_code(body["unit"])
        held = state.invitations.get(row.code) if row is not None else None
        text = self._invitation_text(held) if held is not None else ""
        if row is None or held is None or not hmac.compare_digest(text, body["invitation"]):
            return refusal(Refused("invitation-spent", "invitation"))
        name = body["name"].strip()
        if reason := passwords.weakness(body["password"], (name, row.name, row.code)):
            return refusal(Refused("password-weak", "password", {"reason": reason}))
        present = state.cadres_of(row.code)
        if comparable_name(name) in {comparable_name(each) for each in self._cadre_names(row.code).values()}:
            return refusal(Refused("cadre-name-taken", "name"))
        whose = person(CADRE, f"{row.code}.{state.cadre_count.get(row.code, 0) + 1}")
        try:
            password = self._personal.seal(whose, passwords.hash_in_turn(body["password"]))
        except passwords.TooMany:
            return refusal(Refused("busy"))
        sealed_name = self._personal.seal_text(whose, name)
        joining = invitations.JoinUnit(
            row.code, held.invitation, sealed_name, password, frozenset(present), self._at(call)
        )
        outcome = self._submit(call, joining)
        if outcome.refused is not None:
            return refusal(outcome.refused)
        cadre = next(each.cadre for each in outcome.events if isinstance(each, CadreJoined))
        return stored(outcome, self._begin_session(call, row, mark=cadre, name=name))

    @rpc
    @call(schemas.OfUnit, roles=("unit", "organiser", "operator"))
    def cadres(self, call: Call) -> Reply:
        """Return the cadres of a unit who have an account."""
        unit = call.actor if "unit" in call.roles else call.body["unit"]
        if unit is None or unit not in self._state.units:
            return refusal(Refused("unit-unknown", "unit"))
        names = self._cadre_names(unit)
        joined = self._state.cadres_of(unit)
        rows = [{"cadre": each, "name": names[each], "at": joined[each].at} for each in sorted(joined)]
        return {"ok": {"unit": unit, "cadres": rows}}

    @rpc
    @call(schemas.OneCadre, roles=("unit", "organiser", "operator"))
    def remove_cadre(self, call: Call) -> Reply:
        """Close the account of a cadre. Its sessions end."""
        cadre = call.body["cadre"]
        unit = call.actor if "unit" in call.roles else cadre.rpartition(".")[0]
        outcome = self._submit(call, invitations.RemoveCadre(unit, cadre, call.actor, self._at(call)))
        return stored(outcome, {"cadre": cadre})

    @rpc
    @call(schemas.CadreLogin)
    def cadre_login(self, call: Call) -> Reply:
        """Sign a cadre in by the unit's code, the cadre's name and the password."""
        row = self._state.unit_by_code(call.body["unit"])
        names = self._cadre_names(row.code) if row is not None else {}
        wanted = comparable_name(call.body["name"])
        cadre = next((each for each, name in names.items() if comparable_name(name) == wanted), None)
        stored_hash = self._cadre_password(row.code, cadre) if row is not None and cadre is not None else None
        try:  # always verified, so that an unknown name takes as long as a wrong password
            same = passwords.verify_in_turn(stored_hash, call.body["password"], known=False)
        except passwords.TooMany:
            return refusal(Refused("busy"))
        if row is None or cadre is None or not same:
            return refusal(Refused("login-refused"))
        return {"ok": self._begin_session(call, row, mark=cadre, name=names[cadre])}

    @rpc
    @call(schemas.LinkCadre, roles=("unit",))
    def link_cadre(self, call: Call) -> Reply:
        """Let the cadre whose session calls sign in by a WeChat account. A session by access code has no cadre."""
        mark = self._sessions.mark_of(call.body["session"], call.actor)
        linking = invitations.LinkCadre(call.actor, mark or "", call.body["account"], self._at(call))
        outcome = self._submit(call, linking)
        return stored(outcome, {"cadre": mark or ""})

    @rpc
    @call(schemas.WeChatLogin, roles=("operator",))
    def wechat_login(self, call: Call) -> Reply:
        """Sign the cadre in to whom a WeChat account is linked. The gateway has verified whose account it is."""
        unit, cadre = self._state.linked.get(call.body["account"], ("", ""))
        row = self._state.units.get(unit)
        if row is None or cadre not in self._state.cadres_of(unit):
            return refusal(Refused("wechat-not-linked"))
        return {"ok": self._begin_session(call, row, mark=cadre, name=self._cadre_names(unit)[cadre])}

    @rpc
    @call(schemas.UnitLogin)
    def unit_login(self, call: Call) -> Reply:
        row = self._state.unit_by_code(call.body["unit"])
        unit = call.body["unit"] if row is None else row.code
        # As typed too: rolls of earlier versions hashed access codes as they stood in the file.
        typed = call.body["access"].strip(), roll.normal_access(call.body["access"])
        marks = [roll.access_mark(self.log.keys.access, unit, each) for each in typed]
        # Always compared, so that an unknown unit takes as long as a wrong code.
        stored_mark = row.access if row is not None else ""
        same = any([hmac.compare_digest(each, stored_mark) for each in marks])
        if row is None or not row.access or not same:
            return refusal(Refused("login-refused"))
        return {"ok": self._begin_session(call, row, mark=row.access, name=None)}

    # Sessions

    @rpc
    @call(schemas.OneSession, roles=("operator",))
    def use_session(self, call: Call) -> Reply:
        """Say whether a session still stands; the gateway asks every few seconds while it is in use."""
        found = self._sessions.use(call.body["session"], self._is_present)
        return refusal(Refused("session-ended")) if found is None else {"ok": {"person": found.person}}

    @rpc
    @call(schemas.OneSession, roles=("unit",))
    def my_sessions(self, call: Call) -> Reply:
        """Return the sessions of whoever calls; `session` is the one that calls."""
        found = self._sessions.of(call.actor, self._is_present)
        mine = [asdict(each) | {"is_current": each.session == call.body["session"]} for each in found]
        return {"ok": {"sessions": [{name: each[name] for name in each if name != "person"} for each in mine]}}

    @rpc
    @call(schemas.OneSession, roles=("unit",))
    def end_session(self, call: Call) -> Reply:
        self._sessions.end(call.body["session"], call.actor)
        return {"ok": {}}

    @rpc
    @call(schemas.OneSession, roles=("unit",))
    def end_other_sessions(self, call: Call) -> Reply:
        self._sessions.end_others(call.body["session"], call.actor)
        return {"ok": {}}

    @property
    def _sessions(self) -> SessionStore:
        return SessionStore(self.log.database, "units")

    def _is_present(self, unit: str, mark: str) -> bool:
        """Return whether a session began with the unit's present access code, or by a cadre who has an account."""
        row = self._state.units.get(unit)
        if row is None or not mark:
            return False
        return mark == row.access or mark in self._state.cadres_of(unit)

    def _begin_session(self, call: Call, row: RollRow, *, mark: str, name: str | None) -> dict[str, Any]:
        """Begin a session of a unit under `mark`; return it with the unit, and the name of the cadre, if it is one."""
        view = queries.unit_view(row, self._state)
        session = self._sessions.begin(
            row.code, credentials=mark, agent=call.body["agent"], life_ms=call.body["life_ms"]
        )
        return view | {"unit": view.pop("code"), "session": session, "cadre": name}

    @property
    def _personal(self) -> PersonalFields:
        return PersonalFields(self.log.vault, self.log.keys.campaign)

    def _cadre_names(self, unit: str) -> dict[str, str]:
        """Return the names of a unit's cadres, by cadre. A forgotten one's is `DELETED`."""
        joined = self._state.cadres_of(unit)
        shown = self._personal.text_lookup([each.name for each in joined.values()])
        return {cadre: shown(each.name) for cadre, each in joined.items()}

    def _cadre_password(self, unit: str, cadre: str) -> bytes | None:
        try:
            return self._personal.open(self._state.cadres_of(unit)[cadre].password)
        except Forgotten:
            return None

    def _open_invitations(self, at: int) -> list[dict[str, Any]]:
        still_open = [each for each in self._state.invitations.values() if at < each.until]
        return [self._invitation_view(each) for each in sorted(still_open, key=lambda each: each.unit)]

    def _invitation_view(self, held: CadreInvited) -> dict[str, Any]:
        row = self._state.units.get(held.unit)
        facts = {"unit": held.unit, "name": row.name if row else held.unit, "city": row.city if row else ""}
        return facts | {"invitation": self._invitation_text(held), "until": held.until}

    def _invitation_text(self, held: CadreInvited) -> str:
        return reference_number(self.log.keys.receipt, "cadre invitation", f"{held.unit} {held.invitation}")

"""RPC methods of the accounts of staff: authenticators, proofs that somebody has just shown again who they are, and
codes by short message with which judges sign in.

`service.py` hosts them beside its own. They make no decisions.
"""

import base64
import hmac
import secrets
from typing import Any

from nameko.rpc import rpc

from services.moderation import queries, schemas
from services.moderation.decisions import authenticators
from services.moderation.decisions.authenticators import RECOVERY_CODES, UseRecoveryCode, is_demanded
from services.moderation.outbox import SMS
from services.moderation.sign_in_codes import LIFE_MS, MINUTE_MS, SignInCodes
from services.moderation.state import ROLES, STAFF, Authenticator, Member, ModerationState
from shared import authenticator_codes, passwords
from shared.decider import Outcome, Refused
from shared.errors import Forgotten
from shared.names import comparable_code
from shared.personal import PersonalFields, person
from shared.reference_numbers import reference_number
from shared.rpc import Call, Reply, call, refusal, stored
from shared.session_store import SessionStore
from shared.stamps import wall_ms
from shared.step_up_proofs import StepUpProofs

RECOVERY_CHARS = 12
_NAME_BYTES = 12
_LOOKALIKES = str.maketrans("018", "OIB")  # digits that no recovery code has, for letters that people take for them


class AccountMethods:
    """The methods of accounts; the service that hosts them has the `log`."""

    log: Any

    @rpc
    @call(schemas.ProveAgain, roles=ROLES)
    def prove_again(self, call: Call) -> Reply:
        """Verify the password of whoever calls, or the code of the authenticator where there is one.

        Return a proof for the session, and until when it holds.
        """
        member, body = self._state.staff.get(call.actor), call.body
        try:
            if member is not None and member.authenticator is not None:
                field, verified = "code", self._verify_code(call, call.actor, member, body["code"] or "")
            else:
                field, verified = "password", self._verify(member, body["password"] or "", known=True)
        except passwords.TooMany:
            return refusal(Refused("busy"))
        if not verified:
            return refusal(Refused("step-up-refused", field))
        proof, until = StepUpProofs(self.log.keys.session).issue(body["session"], call.actor)
        return {"ok": {"proof": proof, "until": until}}

    @rpc
    @call(schemas.OneMember, roles=("operator",))
    def step_up_needs(self, call: Call) -> Reply:
        """Say by what a person proves again who they are: `code` once an authenticator is set up, else `password`."""
        member = self._state.staff.get(call.body["staff"])
        has_one = member is not None and member.authenticator is not None
        return {"ok": {"needs": "code" if has_one else "password"}}

    @rpc
    @call(schemas.Nothing, roles=ROLES)
    def my_security(self, call: Call) -> Reply:
        """Return whether whoever calls has an authenticator, whether one is demanded, and what recovery is left."""
        member = self._state.staff.get(call.actor)
        known = member.authenticator if member is not None else None
        return {
            "ok": {
                "has_authenticator": known is not None,
                "is_demanded": member is not None and is_demanded(member, self._state),
                "recovery_left": RECOVERY_CODES - len(known.used) if known is not None else 0,
                "made_from": member.credentials if member is not None else 0,
            }
        }

    @rpc
    @call(schemas.BeginAuthenticator, roles=ROLES)
    def begin_authenticator(self, call: Call) -> Reply:
        """Return a secret for an authenticator app, which counts only once a code of it was shown.

        `authenticator` names one that was begun before, after a wrong code. `made_from` says from which credentials it
        was begun, and is sent back with the code.
        """
        member = self._state.staff.get(call.actor)
        made_from = member.credentials if member is not None else 0
        name = call.body["authenticator"] or secrets.token_urlsafe(_NAME_BYTES)
        secret, campaign = self._secret_of(call.actor, name), self._state.campaign
        issuer = campaign.title_zh if campaign is not None else self.log.settings.campaign
        shown = authenticator_codes.address(secret, account=call.actor, issuer=issuer)
        return {"ok": {"authenticator": name, "secret": secret, "app_url": shown, "made_from": made_from}}

    @rpc
    @call(schemas.AddAuthenticator, roles=ROLES)
    def add_authenticator(self, call: Call) -> Reply:
        """Let the codes of an authenticator count, of which one is shown; return the recovery codes.

        All other sessions of the person end.
        """
        name = call.body["authenticator"]
        secret, member = self._secret_of(call.actor, name), self._state.staff.get(call.actor)
        is_same = member is not None and member.authenticator is not None and member.authenticator.id == name
        if not is_same and not self._use_code(name, secret, call.body["code"]):
            return refusal(Refused("code-refused", "code"))
        sealed = self._personal.seal(person(STAFF, call.actor), secret.encode())
        command = authenticators.AddAuthenticator(call.actor, name, sealed, call.body["made_from"], self._at(call))
        outcome = self._submit(call, command)
        self._keep_session(call, outcome)
        codes = [self._recovery_code(call.actor, name, k) for k in range(RECOVERY_CODES)]
        return stored(outcome, {"recovery_codes": codes if outcome.refused is None else []})

    @rpc
    @call(schemas.RemoveAuthenticator, roles=ROLES)
    def remove_authenticator(self, call: Call) -> Reply:
        """Let the password alone count again. All other sessions of the person end."""
        outcome = self._submit(
            call, authenticators.RemoveAuthenticator(call.actor, self._at(call), call.body["made_from"])
        )
        self._keep_session(call, outcome)
        return stored(outcome, {"staff": call.actor})

    # Codes by short message, for judges

    @rpc
    @call(schemas.SignInCode)
    def request_sign_in_code(self, call: Call) -> Reply:
        """Have a code sent to a judge's own number, and return the name of the request.

        The answer is the same for an account that gets none, whatever the reason.
        """
        if SMS not in self._channels():
            return refusal(Refused("sms-sign-in-closed"))
        typed = comparable_code(call.body["staff"])
        staff = next((name for name in self._state.staff if comparable_code(name) == typed), "")
        gets_one = bool(staff) and self._number_for_codes(staff) is not None
        made = self._codes.request(typed, staff if gets_one else "", now=wall_ms())
        return refusal(made) if isinstance(made, Refused) else {"ok": {"request": made}}

    @rpc
    @call(schemas.Nothing, roles=("operator",))
    def due_sign_in_code(self, call: Call) -> Reply:  # noqa: ARG002 -- every method takes its call
        """Return the next code to be sent, with its number and its words, once; empty if there is none."""
        due = self._codes.take_due(now=wall_ms())
        number = self._number_for_codes(due.staff) if due is not None else None
        if due is None or number is None:
            return {"ok": {"phone": "", "words": ""}}
        state, minutes = self._state, LIFE_MS // MINUTE_MS
        contact, campaign = state.outbox.contacts[f"{STAFF}.{due.staff}"], state.campaign
        is_english = contact.lang == "en"
        name = self.log.settings.campaign
        if campaign is not None:
            name = campaign.title_en if is_english else campaign.title_zh
        words = (
            f"[{name}] Sign-in code {due.code}, valid for {minutes} minutes. Tell nobody."
            if is_english
            else f"【{name}】登录验证码 {due.code}，{minutes} 分钟内有效。不要告诉任何人。"
        )
        return {"ok": {"phone": number, "words": words}}

    @rpc
    @call(schemas.LoginByCode)
    def login_by_code(self, call: Call) -> Reply:
        """Begin the session of a judge by the code that was sent to them."""
        body = call.body
        name = self._codes.use(body["request"], body["code"].strip(), now=wall_ms())
        member = self._state.staff.get(name) if name else None
        if not name or member is None or self._number_for_codes(name) is None:
            return refusal(Refused("sign-in-code-refused", "code"))
        session = self._sessions.begin(
            name, credentials=str(member.credentials), agent=body["agent"], life_ms=body["life_ms"]
        )
        view = queries.member_view(name, member, self._personal.text_lookup([member.name]))
        return {"ok": view | {"session": session, "must_add_authenticator": False}}

    def _number_for_codes(self, staff: str) -> str | None:
        """Return the number to which a person's codes go; None for whoever may not sign in by a code alone.

        Only judges who have no other role and no second factor may, and only with a number that they set themselves:
        nobody else can make a code for them.
        """
        member, state = self._state.staff.get(staff), self._state
        if member is None or member.roles != ("judge",) or member.authenticator is not None:
            return None
        contact = state.outbox.contacts.get(f"{STAFF}.{staff}")
        if is_demanded(member, state) or contact is None or contact.phone is None or contact.by != staff:
            return None
        try:
            return self._personal.open(contact.phone).decode() or None
        except Forgotten:
            return None

    @property
    def _codes(self) -> SignInCodes:
        return SignInCodes(self.log.database, self.log.keys.receipt)

    def _channels(self) -> list[str]:
        """Return the names of the channels that the sender has."""
        raise NotImplementedError

    # Helpers

    def _verify_code(self, call: Call, whom: str, member: Member, text: str) -> bool:
        """Return whether a text is the present code of the person's authenticator, or a recovery code of it.

        Either is used up by it.
        """
        known = member.authenticator
        text = "".join(each for each in text if each.isalnum()).upper()
        if known is None:
            return False
        if len(text) == authenticator_codes.DIGITS:
            secret = self._open_secret(known)
            return secret is not None and self._use_code(known.id, secret, text)
        text = text.translate(_LOOKALIKES)
        for k in range(RECOVERY_CODES):
            if hmac.compare_digest(self._recovery_code(whom, known.id, k), text):
                command = UseRecoveryCode(whom, known.id, k, self._at(call))
                outcome = self._submit(call, command)
                return outcome.refused is None and not outcome.repeated
        return False

    def _use_code(self, authenticator: str, secret: str, code: str) -> bool:
        step = authenticator_codes.step_of(secret, code, now_s=wall_ms() / 1000)
        return step is not None and authenticator_codes.UsedCodes(self.log.database).use(authenticator, step)

    def _secret_of(self, whom: str, authenticator: str) -> str:
        key = hmac.digest(self.log.keys.receipt, f"authenticator {whom} {authenticator}".encode(), "sha256")
        return base64.b32encode(key[: authenticator_codes.SECRET_BYTES]).decode()

    def _open_secret(self, known: Authenticator) -> str | None:
        try:
            return self._personal.open(known.secret).decode()
        except Forgotten:
            return None

    def _recovery_code(self, whom: str, authenticator: str, k: int) -> str:
        name = f"{whom} {authenticator} {k}"
        return reference_number(self.log.keys.receipt, "recovery code", name)[:RECOVERY_CHARS]

    def _keep_session(self, call: Call, outcome: Outcome) -> None:
        """Let the session that calls go on, while all others of the person end with their credentials."""
        if outcome.refused is None and call.body.get("session"):
            mark = self._credentials(call.actor) or ""
            self._sessions.move(call.body["session"], call.actor, credentials=mark)

    # What the service that hosts these methods has

    @property
    def _state(self) -> ModerationState:
        raise NotImplementedError

    @property
    def _personal(self) -> PersonalFields:
        raise NotImplementedError

    @property
    def _sessions(self) -> SessionStore:
        raise NotImplementedError

    def _submit(self, call: Call, command: object) -> Outcome:
        raise NotImplementedError

    def _at(self, call: Call) -> int:
        raise NotImplementedError

    def _credentials(self, whom: str) -> str | None:
        raise NotImplementedError

    def _verify(self, member: Member | None, password: str, *, known: bool) -> bool:
        raise NotImplementedError

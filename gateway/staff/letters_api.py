"""The API of letters: what is proposed, approved and sent, as the pages of `message_desk.py` show it.

Promises: a letter is approved only as it was read, by its digest, and all letters of a request or none; an empty list
sends nothing. No answer holds an address.
Does not promise that a letter arrives: a channel says that it took it.
"""

from gateway.http import request_schemas, response_schemas
from gateway.routing.route import AUDITOR, OPERATOR, ORGANISER, Route
from gateway.routing.service_calls import forward

ORGANISERS = frozenset({ORGANISER})
READERS = frozenset({ORGANISER, AUDITOR})
OPEN = "campaign-not-open"
SOME = (OPEN, "letters-empty")

ROUTES = (
    Route(
        method="GET", path="/letters", roles=READERS,
        about="List the letters in one state, with text, receiver and what each channel answered",
        handle=forward("moderation", "letters"), query=request_schemas.Letters, answer=response_schemas.Letters,
        problems=(OPEN,),
    ),
    Route(
        method="GET", path="/letters/one", roles=READERS, about="Return one letter, by its name",
        handle=forward("moderation", "letter"), query=request_schemas.OneLetter, answer=response_schemas.Letter,
        problems=(OPEN, "letter-unknown"),
    ),
    Route(
        method="GET", path="/letters/counts", roles=READERS | {OPERATOR},
        about="Count the letters in each state, and those that are approved and not settled",
        handle=forward("moderation", "message_counts"), answer=response_schemas.LetterCounts,
    ),
    Route(
        method="GET", path="/letters/audiences", roles=ORGANISERS,
        about="List the groups of units to which a letter may go, by where their entry stands and by type",
        handle=forward("moderation", "letter_audiences"), answer=response_schemas.LetterAudiences,
    ),
    Route(
        method="POST", path="/letters/drafts", roles=ORGANISERS,
        about="Propose one letter with the same text to each of these receivers; it waits for approval",
        handle=forward("moderation", "draft_letters"), command=True, body=request_schemas.LetterDraft,
        answer=response_schemas.LettersDrafted,
        problems=(*SOME, "letters-too-many", "contact-unknown", "words-missing"),
    ),
    Route(
        method="POST", path="/letters/approval", roles=ORGANISERS,
        about="Let these letters go out, each as it was read; none goes out if one has changed",
        handle=forward("moderation", "approve_letters"), command=True, body=request_schemas.LettersRead,
        answer=response_schemas.LettersApproved, problems=(*SOME, "letters-too-many", "letter-changed"),
    ),
    Route(
        method="POST", path="/letters/withdrawal", roles=ORGANISERS,
        about="Do not send these letters, proposed or approved",
        handle=forward("moderation", "withdraw_letters"), command=True, body=request_schemas.LetterNames,
        answer=response_schemas.LettersWithdrawn, problems=(*SOME, "letter-unknown", "letter-sent"),
    ),
    Route(
        method="POST", path="/letters/retry", roles=ORGANISERS,
        about="Try letters again that failed, or of which nobody knows whether they went out",
        handle=forward("moderation", "resume_letters"), command=True, body=request_schemas.LetterNames,
        answer=response_schemas.LettersResumed, problems=(*SOME, "letter-unknown"),
    ),
)  # fmt: skip

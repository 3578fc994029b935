"""What is said when something went wrong: one sentence per status, and what to do next."""

from dataclasses import dataclass, replace

from batua_db import errors


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure, for a page or for the API."""

    status: int
    code: str
    title: str
    message: str
    icon: str = "info"
    field: str | None = None
    retry_after: int | None = None


UNAVAILABLE = Problem(
    503,
    "unavailable",
    "One moment, please",
    "Something we need does not answer right now. Nothing is lost. Try again in a few seconds.",
    "refresh-cw",
    retry_after=2,
)

BROKEN = Problem(
    500,
    "internal_error",
    "Something broke on our side",
    "What you asked for was done whole, or not at all. Look before you try it again.",
    "refresh-cw",
)

BY_STATUS = {
    problem.status: problem
    for problem in (
        Problem(
            400,
            "bad_request",
            "We could not read that",
            "Go back, open the page again, and try once more.",
        ),
        Problem(
            401,
            "unauthorized",
            "Sign in first",
            "This page is for people who are signed in.",
            "lock",
        ),
        Problem(
            403,
            "forbidden",
            "Not from here",
            "This can’t be done from where you are. Go back, and start there.",
            "lock",
        ),
        Problem(
            404,
            "not_found",
            "Nothing is here",
            "The address may be mistyped, or this is not yours to see.",
            "search",
        ),
        Problem(
            405,
            "method_not_allowed",
            "Not in this way",
            "This address can’t be used like that. Go back, and use the page’s own buttons.",
        ),
        Problem(
            409,
            "conflict",
            "This was done already",
            "Look at what is there before you do it again.",
        ),
        Problem(410, "expired", "Its time is over", "Start again; it takes a moment.", "clock"),
        Problem(413, "too_large", "That is too much at once", "Send less, and try again."),
        Problem(
            415,
            "unsupported_media_type",
            "We could not read that",
            "Send it in the form this address asks for.",
        ),
        Problem(
            422, "unprocessable", "That is not possible", "Go back, and change what you typed."
        ),
        Problem(
            429,
            "too_many_requests",
            "Too many tries",
            "Wait a little, then try again.",
            "clock",
            retry_after=60,
        ),
        BROKEN,
        UNAVAILABLE,
    )
}

# The first kind that fits decides.
KINDS: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Gone, 410),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
    (errors.DomainError, 422),
)


def of_status(status: int) -> Problem:
    """The problem of an HTTP status; one without a sentence of its own speaks as its class."""
    fallback = BROKEN if status >= 500 else BY_STATUS[400]
    return replace(BY_STATUS.get(status, fallback), status=status)


def of_refusal(error: errors.DomainError) -> Problem:
    """The problem of a refusal, in the refusal's own words."""
    known = BY_STATUS[next(status for kind, status in KINDS if isinstance(error, kind))]
    return Problem(
        status=known.status,
        code=error.code,
        title=known.title,
        message=str(error),
        icon=known.icon,
        field=error.field,
        retry_after=getattr(error, "retry_after", known.retry_after),
    )

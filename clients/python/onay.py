"""A client of onay's HTTP API. One file, standard library only, Python 3.9 or later: copy it beside your own code.

    from onay import Onay

    onay = Onay("http://127.0.0.1:4010", token="...")
    answer = onay.predict("BTCUSDT", key="order-17")
    if answer["decision"] == "signal":
        ...

Answers are the JSON documents of docs/json.md as dictionaries. Fields may be added to them; none is renamed or dropped.
Predicting and reading on the room's own machine need no token; what changes something does (`onay token add NAME`).
"""
from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from http.client import HTTPException
from typing import Any, Optional, TypedDict, Union
from urllib import error, request
from urllib.parse import quote, urlencode

__all__ = ["Blocked", "NotDecided", "Onay", "OnayError", "Refused", "TokenRefused", "Unavailable"]

Json = dict[str, Any]

DEFAULT_URL = "http://127.0.0.1:4010"
TOKEN_VARIABLE = "ONAY_TOKEN"

# What a room takes in one request; more is sent in several.
MOST_BARS = 10_000
MOST_ROWS = 1_000
MOST_TRADES = 1_000

# Statuses that say "not now": the same request may succeed in a moment.
PASSING = frozenset({502, 503, 504})


class Bar(TypedDict):
    """A minute. `ts_ms` is where it begins, Unix milliseconds UTC, a whole minute; prices in quote units."""

    ts_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class _TradeNeeded(TypedDict):
    id: str
    side: str  # "long" or "short"
    opened_ms: int
    closed_ms: int
    qty: float
    filled_entry: float
    filled_exit: float


class Trade(_TradeNeeded, total=False):
    """A closed trade. Prices, fees and result in quote units, `qty` in base units. What is left out follows from the rest."""

    expected_entry: Optional[float]  # with it the slippage of the entry is known
    expected_exit: Optional[float]
    notional: Optional[float]
    fees: Optional[float]  # of both sides
    pnl: Optional[float]  # after fees
    exit: Optional[str]  # why it was closed
    prediction_id: Optional[str]
    key: Optional[str]


class FeatureRow(TypedDict):
    """Values of own columns. `ts_ms` is when they were known, not what they are about."""

    ts_ms: int
    values: Mapping[str, float]


class Prediction(TypedDict):
    id: str
    score: Optional[float]  # 0 to 1; None where the room abstains
    decision: str  # "signal", "none" or "abstain"
    model_version: str
    served_by: str
    reason: str
    latency_ms: float


class OnayError(Exception):
    """What went wrong, why, and what to do next, as the room says it."""

    def __init__(self, what: str, why: str = "", next: str = "", *, status: int = 0, code: str = "") -> None:
        self.what = what
        self.why = why
        self.next = next
        self.status = status  # of HTTP; 0 where there was no answer
        self.code = code  # of the room, for programs: "unauthorized", "no_row"
        self.document: Json = {}  # the whole answer
        said = f"{what}: {why}" if why else what
        super().__init__(f"{said}; {next}" if next else said)


class Unavailable(OnayError):
    """No room answers there, or it cannot do this now. It was tried as often as `retries` says."""


class Refused(OnayError):
    """The room has understood, and says no."""


class TokenRefused(Refused):
    """A token is needed, and none was sent, or one that the room does not accept."""


class Blocked(Refused):
    """A promotion that the gates do not let through; they are in `gates`."""

    @property
    def gates(self) -> Json:
        gates: Json = self.document.get("gates", {})
        return gates


class NotDecided(OnayError):
    """Nobody has answered the approval in the time that was given. It goes on waiting; the approval is in `document`."""


class Onay:
    """A room.

    base_url  where it listens
    token     of `onay token add NAME`; the environment's ONAY_TOKEN unless given
    timeout   seconds for one attempt
    retries   further attempts of a request that may be repeated, after 0.2, 0.4, 0.8 ... seconds

    Repeated is what changes nothing by being sent twice: reading, bars (known by their minute), trades (by arm and id),
    features, outcomes, and predictions, which are sent again with the same key. What asks for a decision is sent once.
    It has no state but its settings: threads may share one.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        token: Optional[str] = None,
        timeout: float = 10.0,
        retries: int = 3,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = token if token is not None else os.environ.get(TOKEN_VARIABLE)
        self.timeout = timeout
        self.retries = retries
        # The room is asked itself: through no proxy that the environment names, and a token follows no redirect.
        self._opener = request.build_opener(request.ProxyHandler({}), _NoRedirect())

    # Answers to act on

    def predict(
        self,
        symbol: Optional[str] = None,
        features: Optional[Mapping[str, float]] = None,
        key: Optional[str] = None,
    ) -> Prediction:
        """A score for now: of the newest row, or of `features` by name.

        key  an order or a customer: the same key is answered by the same model while a canary runs. One is made up
             where it is left out, so that an attempt that is repeated stays on its side of the canary.
        Raises Refused before the first row, and for features that the room does not know.
        """
        body = {"symbol": symbol, "features": _values(features), "key": key or str(uuid.uuid4())}
        return self.post("/ml/predict", body, repeat=True)  # type: ignore[return-value]

    def signal(self, symbol: Optional[str] = None) -> Json:
        """All that a bot needs of the active set of five: side, size_multiplier, expected_cost_bp, worth_it, reason."""
        return self.post("/ml/signal", {"symbol": symbol}, repeat=True)

    # Bringing data

    def push_bars(self, symbol: str, bars: Iterable[Bar]) -> Json:
        """Minutes of a room that was started with `--feed push`; the same minute twice changes nothing.

        Returns {accepted, duplicates, late, rejected: [{index, reason}]}, summed over all requests.
        """
        return self._push("/feed/bars", {"symbol": symbol}, "bars", bars, MOST_BARS)

    def push_features(self, symbol: str, rows: Iterable[FeatureRow]) -> Json:
        """Values of own columns; of a symbol, moment and name the first value stays."""
        written = (_feature_row(row) for row in rows)
        return self._push("/feed/features", {"symbol": symbol}, "rows", written, MOST_ROWS)

    def push_outcomes(self, symbol: str, outcomes: Iterable[Mapping[str, Any]]) -> Json:
        """What came of it, where the label is `pushed`: {label: 0 or 1} with ts_ms of the minute, id of an answer, or key."""
        return self._push("/outcomes", {"symbol": symbol}, "outcomes", outcomes, MOST_ROWS)

    def push_trades(self, symbol: str, arm: str, trades: Iterable[Trade]) -> Json:
        """Closed trades of your own bot, counted under `arm`; the same id twice changes nothing.

        A trade with `prediction_id` (of an answer) or `key` (that it was asked with) counts in a canary of days.
        Returns {symbol, arm, added, followed, known, rejected: [{index, reason}]}, summed over all requests.
        """
        return self._push("/trades", {"symbol": symbol, "arm": arm}, "trades", trades, MOST_TRADES)

    # Looking

    def health(self, symbol: Optional[str] = None) -> Json:
        """{ok, model, candidate, phase, feature_staleness_sec, troubles, ...}; also where `ok` is false."""
        try:
            return self.get("/healthz", symbol=symbol)
        except Unavailable as unavailable:
            if "ok" in unavailable.document:
                return unavailable.document
            raise

    def gates(self, symbol: Optional[str] = None) -> Json:
        """The six gates now: {verdict: "BLOCKED" or "ELIGIBLE", passed, of, gates: [...], outcome: {...}}."""
        return self.get("/gates", symbol=symbol)

    def shadow(self, symbol: Optional[str] = None) -> Json:
        """The candidate beside the model in charge: {candidate, comparisons, match_rate, mean_delta, errors, ...}."""
        return self.get("/shadow/metrics", symbol=symbol)

    def canary(self, symbol: Optional[str] = None) -> Json:
        """The newest canary: {state, run_id, phase, share, decision, reason, ...}."""
        return self.get("/canary", symbol=symbol)

    def kill_state(self, symbol: Optional[str] = None) -> list[Json]:
        """The kill switch of each market, or of one: [{symbol, enabled, since, by, reason, stored}]."""
        return _items(self.get("/ml/kill", symbol=symbol))

    # Deciding: a person does. A program asks, and waits.

    def start_canary(self, symbol: Optional[str] = None, plan: str = "mini", profile: Optional[str] = None) -> Json:
        """Asks for a live canary of the candidate. Returns the approval that waits for ONAY."""
        return self.post("/canary/start", {"symbol": symbol, "plan": plan, "profile": profile, "live": True})

    def abort_canary(self, symbol: Optional[str] = None, reason: Optional[str] = None) -> Json:
        """Everything at 0 %, at once; needs no approval. Returns the canary as it is then."""
        return self.post("/canary/abort", {"symbol": symbol, "reason": reason}, repeat=True)

    def promote(self, symbol: Optional[str] = None, version: Optional[str] = None) -> Json:
        """Asks for the candidate to be promoted. Returns the approval; raises Blocked while a gate does not pass."""
        return self.post("/promote", {"symbol": symbol, "version": version})

    def approvals(self) -> list[Json]:
        """What waits for a person."""
        return _items(self.get("/approvals"))

    def approval(self, id: str) -> Json:
        """An approval, whatever became of it: {id, action, subject, sentence, against, state, why, ...}."""
        return _items(self.get("/approvals", id=id))[0]

    def wait_for_approval(self, id: str, timeout: Optional[float] = None, every: float = 1.0) -> Json:
        """Waits until an approval is answered, expires or is stale, and returns it; `state` says which.

        timeout  seconds; without one it waits as long as the approval does (15 minutes unless configured otherwise)
        every    seconds between two looks
        Raises NotDecided when the time is up.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            approval = self.approval(id)
            if approval["state"] != "waiting":
                return approval
            left = every if until is None else until - time.monotonic()
            if left <= 0:
                late = NotDecided(
                    f"approval {id} still waits", f"nobody answered it in {timeout:g} s", f"answer it: onay approve {id}"
                )
                late.document = approval
                raise late
            time.sleep(min(every, left))

    # Every other route, see /openapi.json of the room

    def get(self, path: str, **query: Union[str, int, None]) -> Json:
        """Reads. Fields of the query that are None are left out."""
        given = urlencode({name: value for name, value in query.items() if value is not None})
        return self._ask("GET", quote(path) + (f"?{given}" if given else ""), None, repeat=True)

    def post(self, path: str, body: Mapping[str, Any], repeat: bool = False) -> Json:
        """Changes something. Fields of the body that are None are left out.

        repeat  whether the request may be sent again where it is not known to have arrived
        """
        given = {name: value for name, value in body.items() if value is not None}
        return self._ask("POST", quote(path), given, repeat=repeat)

    def _push(self, path: str, about: Json, name: str, items: Iterable[Any], most: int) -> Json:
        total: Json = {}
        sent = 0
        for part in _parts(items, most):
            answer = self.post(path, {**about, name: part}, repeat=True)
            total = _summed(total, answer, sent)
            sent += len(part)
        return total

    def _ask(self, method: str, path: str, body: Optional[Json], repeat: bool) -> Json:
        data = None if body is None else _encoded(body)
        left = self.retries if repeat else 0
        pause = 0.2
        while True:
            try:
                return self._attempt(method, path, data)
            except Unavailable:
                if left == 0:
                    raise
            time.sleep(pause)
            left, pause = left - 1, pause * 2

    def _attempt(self, method: str, path: str, data: Optional[bytes]) -> Json:
        headers = {"accept": "application/json"}
        if data is not None:
            headers["content-type"] = "application/json"
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        asked = request.Request(self.base_url + path, data=data, headers=headers, method=method)
        try:
            with self._opener.open(asked, timeout=self.timeout) as response:
                return self._read(response.read())
        except error.HTTPError as answered:
            with answered:
                raise _error_of(answered.code, answered.read()) from None
        except (error.URLError, HTTPException, OSError) as broken:
            raise self._unreachable(getattr(broken, "reason", broken)) from broken

    def _read(self, text: bytes) -> Json:
        document = _document(text)
        if document is None:
            raise OnayError(f"what answers at {self.base_url} is not a room", "it sent no JSON", "look at the address")
        return document

    def _unreachable(self, why: object) -> Unavailable:
        is_late = isinstance(why, (TimeoutError, socket.timeout))
        return Unavailable(
            f"no room answers at {self.base_url}",
            f"nothing came in {self.timeout:g} s" if is_late else str(why) or type(why).__name__,
            "start it with: onay serve, or name another address",
        )


class _NoRedirect(request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **named: Any) -> None:
        return None


def _error_of(status: int, text: bytes) -> OnayError:
    document = _document(text) or {}
    said = document.get("error")
    if not isinstance(said, dict):
        # A room's health is a document of its own, also with 503.
        said = {"message": f"it answered with {status}: {document.get('phase', 'not as a room does')}"}
    what, _, why = str(said.get("message", "")).partition(": ")
    made = _kind_of(status, document)(
        what, why, str(said.get("next", "")), status=status, code=str(said.get("code", ""))
    )
    made.document = document
    return made


def _kind_of(status: int, document: Json) -> type[OnayError]:
    if status in PASSING:
        return Unavailable
    if status in (401, 403):
        return TokenRefused
    if "gates" in document:
        return Blocked
    return Refused if 400 <= status < 500 else OnayError


def _document(text: bytes) -> Optional[Json]:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _items(document: Json) -> list[Json]:
    items: list[Json] = document["items"]
    return items


def _encoded(body: Json) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, default=_plain).encode()
    except ValueError as wrong:
        raise Refused(
            "the request cannot be written", str(wrong), "leave out what is NaN or infinite: JSON has no such numbers"
        ) from None


def _plain(value: Any) -> Any:
    """A number of numpy or pandas, as Python has it."""
    if hasattr(value, "item"):
        return value.item()
    raise Refused(
        "the request cannot be written", f"{type(value).__name__} is not a type of JSON", "send numbers and texts"
    )


def _values(features: Optional[Mapping[str, float]]) -> Optional[Json]:
    """Names with numbers, of a dictionary or a row of pandas."""
    return None if features is None else {str(name): value for name, value in features.items()}


def _feature_row(row: FeatureRow) -> Json:
    """As the room takes it. Raises OnayError for one that has not both."""
    try:
        return {"ts_ms": row["ts_ms"], "values": _values(row["values"])}
    except (KeyError, TypeError, AttributeError) as wrong:
        why = f"it has no {wrong}" if isinstance(wrong, KeyError) else str(wrong)
        raise OnayError("a row of features cannot be sent", why, 'write it {"ts_ms": ..., "values": {...}}') from wrong


def _parts(items: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """At least one, so that an empty push is answered too."""
    part: list[Any] = []
    is_first = True
    for item in items:
        if len(part) == most:
            yield part
            part, is_first = [], False
        part.append(item)
    if part or is_first:
        yield part


def _summed(total: Json, answer: Json, sent: int) -> Json:
    """Counts are added up, and what was rejected keeps its place among all that was sent."""
    summed = {**total, **answer}
    for name, value in answer.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            summed[name] = total.get(name, 0) + value
        elif name == "rejected":
            moved = [{**each, "index": each["index"] + sent} for each in value]
            summed[name] = total.get(name, []) + moved
    return summed

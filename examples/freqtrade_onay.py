"""A freqtrade strategy that asks onay before each entry and posts its closed trades. Beyond the standard library: freqtrade.

Copy this file and clients/python/onay.py into user_data/strategies, and name the room in freqtrade's configuration:

    "onay": {"url": "http://127.0.0.1:4010", "token": "...", "arm": "freqtrade"}

Entries and exits of your own go where this one has a moving average. Without an answer from the room there is no entry.
"""
import logging
from datetime import datetime, timedelta, timezone

from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy
from onay import Onay, OnayError

log = logging.getLogger(__name__)


def symbol_of(pair):
    """A room calls a market by its name without the slash."""
    return pair.replace("/", "")


def closed_trade(trade):
    """A closed trade of freqtrade as `POST /trades` takes it."""
    return {
        "id": str(trade.id),
        "side": "short" if trade.is_short else "long",
        "opened_ms": int(trade.open_date_utc.timestamp() * 1000),
        "closed_ms": int(trade.close_date_utc.timestamp() * 1000),
        "qty": trade.amount,
        "filled_entry": trade.open_rate,
        "filled_exit": trade.close_rate,
        "expected_entry": trade.open_rate_requested,
        "expected_exit": trade.close_rate_requested,
        "fees": (trade.fee_open_cost or 0) + (trade.fee_close_cost or 0),
        "pnl": trade.close_profit_abs,
        "exit": trade.exit_reason,
    }


class OnayStrategy(IStrategy):
    INTERFACE_VERSION = 3
    timeframe = "1m"
    can_short = False
    minimal_roi = {"0": 0.004}
    stoploss = -0.004

    def bot_start(self, **kwargs):
        settings = self.config["onay"]
        # An entry waits for the answer: better none than a late one.
        self.onay = Onay(settings["url"], settings.get("token"), timeout=2, retries=1)
        self.arm = settings.get("arm", "freqtrade")
        self.posted_until = datetime.now(timezone.utc) - timedelta(days=7)
        # A backtest has nothing to ask a room that stands at another moment.
        self.asks = self.dp.runmode.value in ("live", "dry_run")

    def populate_indicators(self, dataframe, metadata):
        dataframe["slow"] = dataframe["close"].rolling(20).mean()
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        dataframe.loc[dataframe["close"] > dataframe["slow"], "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        return dataframe

    def confirm_trade_entry(self, pair, order_type, amount, rate, time_in_force, current_time, entry_tag, side, **kwargs):
        if not self.asks:
            return True
        try:
            answer = self.onay.predict(symbol_of(pair), key=f"{pair} {current_time:%Y-%m-%dT%H:%M}")
        except OnayError as error:
            log.warning("no entry into %s: %s", pair, error)
            return False
        log.info("%s: %s by %s, score %s", pair, answer["decision"], answer["model_version"], answer["score"])
        return answer["decision"] == "signal"

    def bot_loop_start(self, current_time, **kwargs):
        """Posts what was closed since the last time. A trade that is sent twice changes nothing, so an hour is sent again."""
        if not self.asks:
            return
        by_symbol = {}
        for trade in Trade.get_trades_proxy(is_open=False, close_date=self.posted_until - timedelta(hours=1)):
            by_symbol.setdefault(symbol_of(trade.pair), []).append(closed_trade(trade))
        try:
            for symbol, trades in by_symbol.items():
                for refused in self.onay.push_trades(symbol, self.arm, trades)["rejected"]:
                    log.warning("trade %s was not taken: %s", trades[refused["index"]]["id"], refused["reason"])
            self.posted_until = current_time
        except OnayError as error:
            log.warning("closed trades wait: %s", error)

"""Stand-in: trades that a test puts there, with the fields of freqtrade's own."""


class Trade:
    closed = []

    def __init__(self, **fields):
        self.__dict__.update(fields)

    @staticmethod
    def get_trades_proxy(*, is_open, close_date):
        return [] if is_open else [trade for trade in Trade.closed if trade.close_date_utc > close_date]

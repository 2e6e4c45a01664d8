"""Stand-in: what freqtrade gives a strategy before it starts."""
from types import SimpleNamespace


class IStrategy:
    def __init__(self, config):
        self.config = config
        self.dp = SimpleNamespace(runmode=SimpleNamespace(value=config["runmode"]))

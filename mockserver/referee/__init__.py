"""Judges a client that reads broadcast endpoints: plays scenarios to it, and says what is wrong.

The referee serves each scenario with the mock, runs the client, and compares what the mock saw and
what the client read with what the contract asks of a client. It never imports the checker.
"""

from mockserver.referee.clients import ClientRun, CommandClient, FunctionClient
from mockserver.referee.game import Judgement, judge, play
from mockserver.referee.scenario import Scenario, Severity
from mockserver.referee.scenarios import scenarios

__all__ = [
    "ClientRun",
    "CommandClient",
    "FunctionClient",
    "Judgement",
    "Scenario",
    "Severity",
    "judge",
    "play",
    "scenarios",
]

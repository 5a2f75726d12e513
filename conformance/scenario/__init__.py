"""Scenarios: a story of calls and expectations, written for people, run on machines. See docs/SCENARIOS.md."""

from conformance.scenario.faults import ScenarioError
from conformance.scenario.reader import Scenario, read_scenario
from conformance.scenario.runner import Outcome, run_scenario

__all__ = ["Outcome", "Scenario", "ScenarioError", "read_scenario", "run_scenario"]

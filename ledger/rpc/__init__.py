"""Ethereum's JSON-RPC over HTTP and WebSocket, for everything that talks to an Ethereum node."""

from ledger.rpc.app import Page, Service, application
from ledger.rpc.limits import Limits
from ledger.rpc.server import Server, serving

__all__ = ["Limits", "Page", "Server", "Service", "application", "serving"]

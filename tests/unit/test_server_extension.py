"""The server extension puts its handler before the stock one and switches the socket's delay off."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from types import SimpleNamespace

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application
from tornado.websocket import WebSocketHandler

from emgwidgets import server_extension

ROUTE = "/api/kernels/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/channels"


@pytest.fixture
def application():
    from jupyter_server.services.kernels.handlers import _kernel_id_regex
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    app = Application([(rf"/api/kernels/{_kernel_id_regex}/channels", KernelWebsocketHandler)], base_url="/")
    server_extension._load_jupyter_server_extension(SimpleNamespace(web_app=app, log=logging.getLogger("test")))
    return app


def handler_class(app):
    line = RequestStartLine("GET", ROUTE, "HTTP/1.1")
    headers = HTTPHeaders({"Host": "127.0.0.1"})
    request = HTTPServerRequest(start_line=line, headers=headers, connection=SimpleNamespace(context=None))
    return app.find_handler(request).handler_class


def test_our_handler_is_found_before_the_stock_one(application):
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    found = handler_class(application)
    assert found is not KernelWebsocketHandler
    assert issubclass(found, KernelWebsocketHandler)


def test_open_sets_tcp_nodelay_and_then_does_what_the_stock_handler_does(application, monkeypatch):
    found = handler_class(application)
    connected = []
    with socket.socket() as plain:
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        handler = object.__new__(found)
        handler.kernel_id = "k"
        monkeypatch.setattr(
            found, "set_nodelay", lambda self, value: plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, value)
        )
        monkeypatch.setattr(found, "log", logging.getLogger("test"), raising=False)
        monkeypatch.setattr(WebSocketHandler, "open", lambda self, *args: None)
        monkeypatch.setattr("jupyter_server.base.websocket.WebSocketMixin.open", lambda self, *args, **kwargs: None)

        async def connect():
            connected.append(True)

        handler.connection = SimpleNamespace(connect=connect)
        asyncio.run(handler.open("k"))
        assert plain.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
    assert connected == [True]


def test_the_environment_switches_the_extension_and_the_quiet_start_on():
    from pathlib import Path

    place = Path(__file__).resolve().parents[2] / "tools" / "jupyter"
    config = json.loads((place / "jupyter_server_config.d" / "emgwidgets.json").read_text(encoding="utf-8"))
    assert config["ServerApp"]["jpserver_extensions"] == {"emgwidgets.server_extension": True}
    overrides = json.loads((place / "settings" / "overrides.d" / "emgwidgets.json").read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"

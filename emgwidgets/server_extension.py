"""Jupyter server extension: kernel messages reach the browser without waiting for the previous packet's receipt.

The stock websocket handler leaves Nagle's algorithm on, which holds small messages back by some 40 ms.  The handler
here is the stock one with TCP_NODELAY set; no library is patched.
"""

from __future__ import annotations

from typing import Any

__all__ = ["KERNEL_CHANNELS_ROUTE"]

KERNEL_CHANNELS_ROUTE = r"api/kernels/(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)/channels"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "emgwidgets.server_extension"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
    from jupyter_server.utils import url_path_join

    class PromptKernelWebsocketHandler(KernelWebsocketHandler):
        """The stock handler with TCP_NODELAY set on its socket."""

        async def open(self, kernel_id: str) -> None:
            """Open the channel, then switch the delay off."""
            self.set_nodelay(True)
            await super().open(kernel_id)  # type: ignore[no-untyped-call]

    route = url_path_join(server_app.web_app.settings["base_url"], KERNEL_CHANNELS_ROUTE)
    server_app.web_app.add_handlers(".*$", [(route, PromptKernelWebsocketHandler)])
    server_app.log.info("emgwidgets: kernel websocket without delay")

"""HAR files in the shape in which browsers export them, written by hand."""

import base64
import json
from typing import Any
from urllib.parse import quote

URL = "https://api.example.com/v1/recipients?team=7"
PAGES = {
    None: {"list": [{"uid": "Anna", "msg": "Hello Anna"}], "next": "t+2"},
    "t+2": {"list": [{"uid": "Ben", "msg": "Hi {{name}}"}], "next": "t3"},
    "t3": {"list": [{"uid": "Cleo", "msg": "Hello Cleo"}], "next": ""},
}


def url_of(token: str | None) -> str:
    return URL if token is None else f"{URL}&next={quote(token)}"


def chrome_entry(url: str, body: str | None, **changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"size": len(body or "x"), "mimeType": "application/json"}
    if body is not None:
        content["text"] = body
    return {
        "_initiator": {"type": "script", "stack": {"callFrames": []}},
        "_priority": "High",
        "_resourceType": "fetch",
        "cache": {},
        "connection": "443",
        "pageref": "page_1",
        "request": {
            "method": changes.get("method", "GET"),
            "url": url,
            "httpVersion": "h2",
            "headers": [
                {"name": ":authority", "value": "api.example.com"},
                {"name": "authorization", "value": "Bearer browser-secret-1"},
                {"name": "cookie", "value": "session=browser-secret-2"},
            ],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": changes.get("status", 200),
            "statusText": "",
            "httpVersion": "h2",
            "headers": [
                {"name": "content-type", "value": changes.get("type", "application/json")},
                {"name": "content-encoding", "value": "gzip"},
            ],
            "cookies": [],
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
            "_transferSize": 321,
            "_error": None,
        },
        "serverIPAddress": "[2001:db8::1]",
        "startedDateTime": "2026-01-02T03:04:05.678Z",
        "time": 41.2,
        "timings": {
            "blocked": 1.2,
            "dns": -1,
            "ssl": -1,
            "connect": -1,
            "send": 0.1,
            "wait": 38.0,
            "receive": 1.9,
            "_blocked_queueing": 0.8,
        },
    }


def firefox_entry(url: str, body: str) -> dict[str, Any]:
    return {
        "startedDateTime": "2026-01-02T04:04:05.678+01:00",
        "request": {
            "bodySize": 0,
            "method": "GET",
            "url": url,
            "httpVersion": "HTTP/2",
            "headers": [{"name": "X-Api-Key", "value": "browser-secret-1"}],
            "cookies": [],
            "queryString": [],
            "headersSize": 400,
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/2",
            "headers": [{"name": "Content-Type", "value": "application/json; charset=utf-8"}],
            "cookies": [],
            "content": {
                "mimeType": "application/json; charset=utf-8",
                "size": len(body),
                "encoding": "base64",
                "text": base64.b64encode(body.encode()).decode(),
            },
            "redirectURL": "",
            "headersSize": 300,
            "bodySize": 654,
        },
        "cache": {},
        "timings": {
            "blocked": 0,
            "dns": 0,
            "connect": 0,
            "ssl": 0,
            "send": 0,
            "wait": 30,
            "receive": 1,
        },
        "time": 31,
        "_securityState": "secure",
        "serverIPAddress": "127.0.0.1",
        "connection": "443",
        "pageref": "page_1",
    }


def har(entries: list[dict[str, Any]], browser: str = "WebInspector") -> str:
    log = {
        "version": "1.2",
        "creator": {"name": browser, "version": "537.36"},
        "pages": [
            {
                "id": "page_1",
                "title": "x",
                "startedDateTime": "2026-01-02T03:04:05.000Z",
                "pageTimings": {"onContentLoad": 1, "onLoad": 2},
            }
        ],
        "entries": entries,
    }
    return json.dumps({"log": log}, indent=2)


def around() -> list[dict[str, Any]]:
    """What else a browser asks for while a page loads."""
    return [
        chrome_entry("https://app.example.com/", "<!doctype html><html></html>", type="text/html"),
        chrome_entry("https://app.example.com/logo.png", None, type="image/png"),
        chrome_entry("https://api.example.com/v1/me", '{"name": "Anna"}'),
        chrome_entry(URL, "", method="OPTIONS", status=204),
        chrome_entry("data:image/png;base64,AAAA", None),
        chrome_entry(URL, None, status=304),
        chrome_entry(URL, None, status=0),
    ]


def chrome_pages(tokens: list[str | None]) -> list[dict[str, Any]]:
    return [chrome_entry(url_of(token), json.dumps(PAGES[token])) for token in tokens]

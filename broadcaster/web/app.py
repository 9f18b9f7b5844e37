"""Makes the window's application: `create_app(config, store, queues)`."""

from flask import Flask

from broadcaster.store import Store
from broadcaster.web.access.limits import init_limits
from broadcaster.web.access.login import init_login
from broadcaster.web.access.security import init_security
from broadcaster.web.access.sessions import Sessions
from broadcaster.web.config import WindowConfig
from broadcaster.web.jobs.queues import JobQueues
from broadcaster.web.jobs.short_memory import ShortMemory
from broadcaster.web.languages import _, init_languages
from broadcaster.web.pages import (
    broadcast_actions,
    broadcasts,
    check_history,
    checks,
    files,
    fleet,
    people,
)
from broadcaster.web.pages.errors import init_errors
from broadcaster.web.pages.event_streams import Streams
from broadcaster.web.pages.health import init_health
from broadcaster.web.pages.window import EXTENSION, Window
from broadcaster.web.pages.words import init_words

__all__ = ["create_app"]


def create_app(
    config: WindowConfig, store: Store, queues: JobQueues, sessions: Sessions | None = None
) -> Flask:
    """The application over a store and job queues, which the caller closes.

    `sessions` are the logins; the server that reads the bodies of requests shares them.
    """
    app = Flask("broadcaster.web")
    app.config["MAX_CONTENT_LENGTH"] = config.request_limit_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 256 * 1024
    app.config["MAX_FORM_PARTS"] = 500
    app.config["SECRET_KEY"] = None  # nothing here uses Flask's own session
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    presence = fleet.FleetPresence(store)
    app.jinja_env.globals["menu"] = lambda: _menu(config, presence)
    app.extensions[EXTENSION] = Window(
        config=config, store=store, queues=queues, streams=Streams(config), typed=ShortMemory()
    )
    init_languages(app)
    init_words(app)
    init_security(app, config)
    init_errors(app)
    init_health(app, config, store, queues)
    app.register_blueprint(checks.blueprint)
    if not config.public_checker:
        for subject in (files, check_history, broadcasts, broadcast_actions, people, fleet):
            app.register_blueprint(subject.blueprint)
        init_login(app, config, sessions or Sessions())
    init_limits(app, config)
    return app


def _menu(config: WindowConfig, presence: fleet.FleetPresence) -> list[tuple[str, str]]:
    """The endpoints and names of the main pages."""
    if config.public_checker:
        return []
    pages = [
        ("checks.form", _("Check")),
        ("broadcasts.form", _("New broadcast")),
        ("broadcasts.listed", _("Broadcasts")),
        ("history.checks", _("Checks")),
        ("files.form", _("Open files")),
    ]
    return [*pages, ("fleet.standing", _("Fleet"))] if presence else pages

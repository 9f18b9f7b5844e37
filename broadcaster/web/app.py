"""Makes the window's application: `create_app(config, store, lines)`."""

from flask import Flask

from broadcaster.store import Store
from broadcaster.web import (
    broadcast_acts,
    broadcast_pages,
    check_pages,
    file_pages,
    fleet_pages,
    history_pages,
    login,
    people_pages,
)
from broadcaster.web.config import WindowConfig
from broadcaster.web.faults import init_faults
from broadcaster.web.health_pages import init_health
from broadcaster.web.languages import _, init_languages
from broadcaster.web.limits import init_limits
from broadcaster.web.lines import Lines
from broadcaster.web.security import init_security
from broadcaster.web.streams import Streams
from broadcaster.web.window import EXTENSION, Window
from broadcaster.web.words import init_words

__all__ = ["create_app"]


def create_app(config: WindowConfig, store: Store, lines: Lines) -> Flask:
    """The application over a store and lines of work, which whoever made them closes."""
    app = Flask("broadcaster.web")
    app.config["MAX_CONTENT_LENGTH"] = config.request_limit_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 256 * 1024
    app.config["MAX_FORM_PARTS"] = 500
    app.config["SECRET_KEY"] = None  # nothing here uses Flask's own session
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    fleet = fleet_pages.FleetPresence(store)
    app.jinja_env.globals["menu"] = lambda: _menu(config, fleet)
    app.extensions[EXTENSION] = Window(
        config=config, store=store, lines=lines, streams=Streams(config)
    )
    init_languages(app)
    init_words(app)
    init_security(app, config)
    init_faults(app)
    init_health(app, config, store, lines)
    app.register_blueprint(check_pages.blueprint)
    if not config.public_checker:
        app.register_blueprint(file_pages.blueprint)
        app.register_blueprint(history_pages.blueprint)
        app.register_blueprint(broadcast_pages.blueprint)
        app.register_blueprint(broadcast_acts.blueprint)
        app.register_blueprint(people_pages.blueprint)
        app.register_blueprint(fleet_pages.blueprint)
        if config.password is not None:
            login.init_login(app, config.password, config.metrics_token)
    init_limits(app, config)
    return app


def _menu(config: WindowConfig, fleet: fleet_pages.FleetPresence) -> list[tuple[str, str]]:
    """The main pages: where each is, and what it is called."""
    if config.public_checker:
        return []
    pages = [
        ("checks.form", _("Check")),
        ("broadcasts.form", _("New broadcast")),
        ("broadcasts.listed", _("Broadcasts")),
        ("history.checks", _("Checks")),
        ("files.form", _("Open files")),
    ]
    return [*pages, ("fleet.standing", _("Fleet"))] if fleet else pages

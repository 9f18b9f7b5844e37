"""Several crawls at once, bounded in pages, to see whether the server keeps up (--load)."""

import threading
from collections.abc import Callable

from checker.core.config import Config
from checker.core.model import Exchange, LoadTestResult, Purpose
from checker.core.page_times import percentile
from checker.crawling.client import Client
from checker.crawling.crawl import Crawl

__all__ = ["LOAD_PAGES", "run_load"]

LOAD_PAGES = 10
"""Pages that each crawl under load reads at the most."""


def run_load(
    config: Config, new_client: Callable[[], Client], alone: list[float], rule_names: dict[str, str]
) -> LoadTestResult:
    """Runs `config.load` crawls side by side and waits for all of them."""
    exchanges: list[Exchange] = []
    clients = [new_client() for _ in range(config.load)]
    together = threading.Barrier(len(clients))

    def crawl(client: Client) -> None:
        def fetch(token: str | None, number: int) -> Exchange:
            exchange = client.get_page(token, page=number, purpose=Purpose.LOAD)
            exchanges.append(exchange)
            return exchange

        pages = min(LOAD_PAGES, config.max_pages)
        together.wait()
        for _ in Crawl(config.endpoint, fetch, max_pages=pages, rule_names=rule_names).pages():
            pass

    threads = [threading.Thread(target=crawl, args=(client,), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in clients:
        client.close()
    return LoadTestResult(
        crawls=config.load,
        alone_p95=percentile(alone, 95),
        loaded_p95=percentile([exchange.seconds for exchange in exchanges], 95),
        slowest=max(exchanges, key=lambda exchange: exchange.seconds, default=None),
        requests=sum(client.requests for client in clients),
        bytes=sum(client.bytes for client in clients),
    )

"""Every route of the site, out of the URL configuration, so that no test can forget a new one."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver


class Route(NamedTuple):
    """A route of ours."""

    name: str
    """With its namespaces, as `reverse` takes it."""
    path: str
    """As written in the configuration: ``api/v1/predictions/<uuid:prediction_id>``."""
    pattern: URLPattern

    @property
    def parameters(self) -> list[str]:
        """Names of what stands in the path: `prediction_id`."""
        return [*self.pattern.pattern.regex.groupindex]

    @property
    def methods(self) -> list[str]:
        """What a view of the API answers."""
        view = self.pattern.callback.cls
        verbs = ("get", "post", "put", "patch", "delete")
        return [verb for verb in verbs if hasattr(view, verb)]


def _walk(resolver: URLResolver, path: str, spaces: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern, here, inner)
        elif pattern.name:
            yield Route(":".join((*spaces, pattern.name)), here, pattern)


def routes() -> list[Route]:
    """All routes but those of Django's own admin panel."""
    return [route for route in _walk(get_resolver(), "", ()) if not route.path.startswith("admin/")]


def panel_routes() -> list[Route]:
    """Those of Django's own admin panel."""
    return [route for route in _walk(get_resolver(), "", ()) if route.path.startswith("admin/")]


def api_routes() -> list[Route]:
    """Those of the API."""
    return [route for route in routes() if route.path.startswith("api/v1/")]


def page_routes() -> list[Route]:
    """Those of the website."""
    return [route for route in routes() if not route.path.startswith("api/")]

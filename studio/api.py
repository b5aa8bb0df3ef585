"""The public API under `/api/v1/` with its OpenAPI document; each room adds a router."""

from ninja import NinjaAPI

api = NinjaAPI(
    title="Closing Shot",
    version="1",
    openapi_url="/openapi.json",
    docs_url=None,
    urls_namespace="api-1",
)
api.add_router("", "videos.audience.tracking.api.router")

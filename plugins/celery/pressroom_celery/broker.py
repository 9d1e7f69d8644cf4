"""Celery's side: the application with settings that lose nothing, and its queues.

The ledger is the truth, so a message may be lost, late or doubled; these settings make that rare. Without
them Celery takes a message off the broker before it is worked on, and a killed worker's job is gone.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu import Exchange, Queue

from pressroom_celery.config import CeleryConfig

MAKE, DELIVER, DIED = "pressroom.make", "pressroom.deliver", "pressroom.died"
"""Names of the tasks."""
HIGHEST = 9
PATIENCE_SECONDS = 3.0
"""How long publishing may take; the clock waits for it."""
REDIS_VISIBILITY_SECONDS = 3600
"""After which Redis gives a message that nobody has confirmed to another worker; the ledger is sooner."""


def make_app(config: CeleryConfig, *, publishing: bool) -> Celery:
    """The application of a process.

    Args:
        publishing: for the clock, which must not wait for a broker that is gone; else for a worker, which does.
    """
    app = Celery("pressroom", broker=config.broker.get_secret_value(), set_as_current=not publishing)
    app.conf.update(_settings(config))
    if publishing:
        app.conf.update(
            broker_connection_timeout=PATIENCE_SECONDS,
            # nobody would answer the broker's while nothing is due
            broker_heartbeat=0,
            broker_transport_options={**app.conf.broker_transport_options, **_impatient(config)},
            redis_socket_timeout=PATIENCE_SECONDS,
            redis_socket_connect_timeout=PATIENCE_SECONDS,
        )
    return app


def priority(config: CeleryConfig, ours: int) -> int:
    """Our priority, 0 to 9 with 9 first, as the broker counts it: Redis takes 0 first."""
    ours = min(HIGHEST, max(0, ours))
    return HIGHEST - ours if config.over_redis else ours


def _settings(config: CeleryConfig) -> dict[str, Any]:
    return {
        # a message is confirmed when its work is done, and goes to another worker when this one dies
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "task_queues": _queues(config),
        "task_default_queue": config.queue("make"),
        "task_create_missing_queues": False,
        "task_ignore_result": True,
        "result_backend": None,
        "accept_content": ["json"],
        "task_serializer": "json",
        "event_serializer": "json",
        "broker_connection_retry": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_heartbeat": 20,
        "broker_transport_options": _transport(config),
        # opening a workspace in a busy machine takes longer than the default of 4 s
        "worker_proc_alive_timeout": 60.0,
        "worker_max_tasks_per_child": config.recycle_after,
        "worker_max_memory_per_child": config.recycle_above_mb * 1000,
        "worker_redirect_stdouts": False,
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        "enable_utc": True,
        "timezone": "UTC",
    }


def _queues(config: CeleryConfig) -> list[Queue]:
    exchange = Exchange(config.queues, type="direct", durable=True)
    arguments = {} if config.over_redis else {"x-max-priority": HIGHEST}
    return [
        Queue(config.queue(step), exchange, routing_key=config.queue(step), durable=True, queue_arguments=arguments)
        for step in ("make", "deliver")
    ]


def _transport(config: CeleryConfig) -> dict[str, Any]:
    if config.over_redis:
        return {
            "visibility_timeout": REDIS_VISIBILITY_SECONDS,
            "priority_steps": list(range(HIGHEST + 1)),
            "queue_order_strategy": "priority",
        }
    return {"confirm_publish": True}


def _impatient(config: CeleryConfig) -> dict[str, Any]:
    retries = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
    if config.over_redis:
        return {**retries, "socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    return {**retries, "read_timeout": PATIENCE_SECONDS, "write_timeout": PATIENCE_SECONDS}

"""Pressroom turns dashboards into reports and delivers them.

`__all__` is what plugins may use; everything else may change in any release. Names are loaded at first
use, so that `import pressroom` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pressroom.access import Principal as Principal
    from pressroom.calendars import Calendar as Calendar, CalendarConfig as CalendarConfig
    from pressroom.channels import (
        Channel as Channel,
        Download as Download,
        Handover as Handover,
        Link as Link,
        Message as Message,
        Outcome as Outcome,
        Receipt as Receipt,
        Recipient as Recipient,
    )
    from pressroom.charts import (
        Axis as Axis,
        ChartFormatter as ChartFormatter,
        Figure as Figure,
        Mark as Mark,
        Number as Number,
        Plot as Plot,
        PlotColumn as PlotColumn,
        Request as Request,
        Table as Table,
        Text as Text,
        VegaLite as VegaLite,
        plot_column as plot_column,
    )
    from pressroom.context import (
        Cancellation as Cancellation,
        Context as Context,
    )
    from pressroom.errors import (
        AccessDenied as AccessDenied,
        Cancelled as Cancelled,
        Changed as Changed,
        ChartError as ChartError,
        Conflict as Conflict,
        DefinitionError as DefinitionError,
        DeliveryError as DeliveryError,
        FetchError as FetchError,
        Gone as Gone,
        KeyReused as KeyReused,
        LeaseLost as LeaseLost,
        MissingDependency as MissingDependency,
        NotFound as NotFound,
        NotReady as NotReady,
        PluginError as PluginError,
        PressroomError as PressroomError,
        Problem as Problem,
        QueryError as QueryError,
        RenderError as RenderError,
        SettingsError as SettingsError,
        SourceError as SourceError,
        StepError as StepError,
        StoreError as StoreError,
        TemplateError as TemplateError,
        TimedOut as TimedOut,
        TooManyRequests as TooManyRequests,
        Unauthenticated as Unauthenticated,
        UsageError as UsageError,
    )
    from pressroom.extension import (
        Extension as Extension,
        PluginConfig as PluginConfig,
        PluginOptions as PluginOptions,
        Setup as Setup,
    )
    from pressroom.fetchers import (
        Fetcher as Fetcher,
        Picture as Picture,
    )
    from pressroom.hookspecs import hookimpl as hookimpl
    from pressroom.host import Host as Host
    from pressroom.messages import (
        MESSAGE_NAME as MESSAGE_NAME,
        Attachment as Attachment,
        attachments as attachments,
        checked_message_name as checked_message_name,
        message_facts as message_facts,
        message_name as message_name,
        run_file as run_file,
        safe_names as safe_names,
    )
    from pressroom.models.audit import AuditEntry as AuditEntry
    from pressroom.models.dashboards import (
        Chart as Chart,
        Dashboard as Dashboard,
        Grid as Grid,
        Metric as Metric,
        Variable as Variable,
    )
    from pressroom.models.projects import Project as Project
    from pressroom.models.reports import (
        BrandingSettings as BrandingSettings,
        Report as Report,
    )
    from pressroom.models.runs import (
        Delivery as Delivery,
        DeliveryState as DeliveryState,
        Run as Run,
        RunKind as RunKind,
        RunState as RunState,
    )
    from pressroom.models.segments import (
        Rule as Rule,
        Segment as Segment,
    )
    from pressroom.models.unsubscriptions import Unsubscription as Unsubscription
    from pressroom.models.values import PluginUse as PluginUse
    from pressroom.moments import utc_now as utc_now
    from pressroom.press.cache import Answer as Answer
    from pressroom.press.charts import ChartRows as ChartRows
    from pressroom.press.once import Once as Once
    from pressroom.press.preview import Preview as Preview
    from pressroom.press.scenes import Scene as Scene
    from pressroom.recurrence import Recurrence as Recurrence
    from pressroom.renderers import (
        Branding as Branding,
        Choice as Choice,
        Document as Document,
        Edition as Edition,
        FooterPart as FooterPart,
        Layout as Layout,
        Panel as Panel,
        Renderer as Renderer,
        Rows as Rows,
        Section as Section,
    )
    from pressroom.schedulers import (
        Job as Job,
        Scheduler as Scheduler,
        Step as Step,
        Work as Work,
    )
    from pressroom.sources import (
        ArrowStream as ArrowStream,
        Column as Column,
        Dataset as Dataset,
        Kind as Kind,
        Query as Query,
        Role as Role,
        Source as Source,
        Spool as Spool,
    )
    from pressroom.store.history import (
        DeliveryEntry as DeliveryEntry,
        RunEntry as RunEntry,
        Sent as Sent,
        Wanted as Wanted,
    )
    from pressroom.store.repositories import ProjectStore as ProjectStore
    from pressroom.store.values import (
        Image as Image,
        Stored as Stored,
    )
    from pressroom.timerange import (
        OffsetPeriod as OffsetPeriod,
        TimeRange as TimeRange,
        Window as Window,
    )

_HOME = {
    "Calendar": "calendars",
    "CalendarConfig": "calendars",
    "Principal": "access",
    "Channel": "channels",
    "Download": "channels",
    "Handover": "channels",
    "Link": "channels",
    "Message": "channels",
    "Outcome": "channels",
    "Receipt": "channels",
    "Recipient": "channels",
    "Axis": "charts",
    "ChartFormatter": "charts",
    "Figure": "charts",
    "Mark": "charts",
    "Number": "charts",
    "Plot": "charts",
    "PlotColumn": "charts",
    "Request": "charts",
    "Table": "charts",
    "Text": "charts",
    "VegaLite": "charts",
    "plot_column": "charts",
    "Cancellation": "context",
    "Context": "context",
    "AccessDenied": "errors",
    "Cancelled": "errors",
    "Changed": "errors",
    "ChartError": "errors",
    "Conflict": "errors",
    "DefinitionError": "errors",
    "DeliveryError": "errors",
    "FetchError": "errors",
    "Gone": "errors",
    "KeyReused": "errors",
    "LeaseLost": "errors",
    "MissingDependency": "errors",
    "NotFound": "errors",
    "NotReady": "errors",
    "PluginError": "errors",
    "PressroomError": "errors",
    "Problem": "errors",
    "QueryError": "errors",
    "RenderError": "errors",
    "SettingsError": "errors",
    "SourceError": "errors",
    "StepError": "errors",
    "StoreError": "errors",
    "TemplateError": "errors",
    "TimedOut": "errors",
    "TooManyRequests": "errors",
    "Unauthenticated": "errors",
    "UsageError": "errors",
    "Extension": "extension",
    "PluginConfig": "extension",
    "PluginOptions": "extension",
    "Setup": "extension",
    "Fetcher": "fetchers",
    "Picture": "fetchers",
    "hookimpl": "hookspecs",
    "Host": "host",
    "MESSAGE_NAME": "messages",
    "Attachment": "messages",
    "attachments": "messages",
    "checked_message_name": "messages",
    "message_facts": "messages",
    "message_name": "messages",
    "run_file": "messages",
    "safe_names": "messages",
    "AuditEntry": "models.audit",
    "Chart": "models.dashboards",
    "Dashboard": "models.dashboards",
    "Grid": "models.dashboards",
    "Metric": "models.dashboards",
    "Variable": "models.dashboards",
    "Project": "models.projects",
    "BrandingSettings": "models.reports",
    "Report": "models.reports",
    "Delivery": "models.runs",
    "DeliveryState": "models.runs",
    "Run": "models.runs",
    "RunKind": "models.runs",
    "RunState": "models.runs",
    "Rule": "models.segments",
    "Segment": "models.segments",
    "Unsubscription": "models.unsubscriptions",
    "PluginUse": "models.values",
    "utc_now": "moments",
    "Answer": "press.cache",
    "ChartRows": "press.charts",
    "Once": "press.once",
    "Preview": "press.preview",
    "Scene": "press.scenes",
    "Recurrence": "recurrence",
    "Branding": "renderers",
    "Choice": "renderers",
    "Document": "renderers",
    "Edition": "renderers",
    "FooterPart": "renderers",
    "Layout": "renderers",
    "Panel": "renderers",
    "Renderer": "renderers",
    "Rows": "renderers",
    "Section": "renderers",
    "Scheduler": "schedulers",
    "Job": "schedulers",
    "Step": "schedulers",
    "Work": "schedulers",
    "ArrowStream": "sources",
    "Column": "sources",
    "Dataset": "sources",
    "Kind": "sources",
    "Query": "sources",
    "Role": "sources",
    "Source": "sources",
    "Spool": "sources",
    "DeliveryEntry": "store.history",
    "RunEntry": "store.history",
    "Sent": "store.history",
    "Wanted": "store.history",
    "ProjectStore": "store.repositories",
    "Image": "store.values",
    "Stored": "store.values",
    "OffsetPeriod": "timerange",
    "TimeRange": "timerange",
    "Window": "timerange",
}

__all__ = tuple(sorted(_HOME))
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'pressroom' has no attribute {name!r}")
    value = getattr(import_module(f"pressroom.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

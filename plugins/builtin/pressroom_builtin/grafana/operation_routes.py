"""What `/schema` says of the reporting API beyond what its handlers show."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
)

from pressroom_builtin.grafana.door_routes import ORGANISATION

TEXT = Schema(type=OpenAPIType.STRING)
WHOLE = Schema(type=OpenAPIType.INTEGER)
SWITCH = Schema(type=OpenAPIType.BOOLEAN)
TEXTS = Schema(type=OpenAPIType.ARRAY, items=TEXT)
FILE = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
ORG = Parameter(
    name=ORGANISATION,
    param_in="header",
    description="Number of the organisation; the caller's own where it is absent.",
    required=False,
    schema=WHOLE,
)


def shape(**fields: Schema) -> Schema:
    """An object of which every field may be absent."""
    return Schema(type=OpenAPIType.OBJECT, properties=dict(fields))


RANGE = Schema(type=OpenAPIType.OBJECT, properties={"from": TEXT, "to": TEXT})
SCHEDULE = shape(
    startDate=Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], format=OpenAPIFormat.DATE_TIME),
    endDate=Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], format=OpenAPIFormat.DATE_TIME),
    frequency=TEXT,
    intervalFrequency=TEXT,
    intervalAmount=WHOLE,
    workdaysOnly=SWITCH,
    dayOfMonth=TEXT,
    timeZone=TEXT,
)
DASHBOARD = shape(
    dashboard=shape(id=WHOLE, uid=TEXT, name=TEXT), timeRange=RANGE, reportVariables=Schema(type=OpenAPIType.OBJECT)
)
OPTIONS = shape(
    orientation=TEXT,
    layout=TEXT,
    pdfShowTemplateVariables=SWITCH,
    pdfCombineOneFile=SWITCH,
    csvEncoding=TEXT,
    timeRange=RANGE,
)
REPORT = shape(
    name=TEXT,
    subject=TEXT,
    recipients=TEXT,
    replyTo=TEXT,
    message=TEXT,
    schedule=SCHEDULE,
    options=OPTIONS,
    enableDashboardUrl=SWITCH,
    enableCsv=SWITCH,
    state=TEXT,
    dashboards=Schema(type=OpenAPIType.ARRAY, items=DASHBOARD),
    formats=TEXTS,
    scaleFactor=WHOLE,
)
EMAIL = shape(id=Schema(type=[OpenAPIType.STRING, OpenAPIType.INTEGER]), emails=TEXT, useEmailsFromReport=SWITCH)
SETTINGS = shape(
    branding=shape(
        reportLogoUrl=TEXT, emailLogoUrl=TEXT, emailFooterMode=TEXT, emailFooterText=TEXT, emailFooterLink=TEXT
    ),
    pdfTheme=TEXT,
    embeddedImageTheme=TEXT,
    pdfHeaderEnabled=SWITCH,
    pdfDashboardTitleEnabled=SWITCH,
    pdfTimeRangeEnabled=SWITCH,
    footerItems=Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT)),
    footerFontFamily=TEXT,
)
SETTINGS_FORM = shape(settings=TEXT, config=TEXT, reportLogo=FILE, emailLogo=FILE)


@dataclass
class OrganisationOperation(Operation):
    """Any of them."""

    def __post_init__(self) -> None:
        self.parameters = [*(self.parameters or []), ORG]

    def _takes(self, **bodies: Schema) -> None:
        content = {kind: OpenAPIMediaType(schema=schema) for kind, schema in bodies.items()}
        self.request_body = RequestBody(required=True, content=content)

    def _gives(self, media_type: str, description: str) -> None:
        good = OpenAPIResponse(description=description, content={media_type: OpenAPIMediaType(schema=FILE)})
        self.responses = {**(self.responses or {}), "200": good}


@dataclass
class ReportOperation(OrganisationOperation):
    """Takes a report."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._takes(**{"application/json": REPORT})


@dataclass
class EmailOperation(OrganisationOperation):
    """Takes what to send to whom."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._takes(**{"application/json": EMAIL})


@dataclass
class SettingsOperation(OrganisationOperation):
    """Takes settings, with logos or without."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._takes(**{"application/json": SETTINGS, "multipart/form-data": SETTINGS_FORM})


@dataclass
class ImageOperation(OrganisationOperation):
    """Gives a picture."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._gives("image/*", "A PNG, JPEG, GIF or WebP picture.")


@dataclass
class PdfOperation(OrganisationOperation):
    """Gives a PDF."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._gives("application/pdf", "The dashboards.")


@dataclass
class CsvOperation(OrganisationOperation):
    """Gives an archive of CSV files, or says that there is none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._gives("application/zip", "A file for each table panel.")
        self.responses = {**(self.responses or {}), "204": OpenAPIResponse(description="There is no table.")}

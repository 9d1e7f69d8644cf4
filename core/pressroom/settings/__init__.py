"""`pressroom.toml`: finding it, reading it, and typed settings with the file and key in every error."""

from pressroom.settings.base import age as age
from pressroom.settings.reading import check_table as check_table, parse_settings as parse_settings
from pressroom.settings.running import LogSettings as LogSettings
from pressroom.settings.serving import ServerSettings as ServerSettings
from pressroom.settings.tables import InstanceSettings as InstanceSettings, Settings as Settings
from pressroom.settings.workspace import (
    CONFIG_VARIABLE as CONFIG_VARIABLE,
    FILE_NAME as FILE_NAME,
    Workspace as Workspace,
    find_config as find_config,
    load_workspace as load_workspace,
)

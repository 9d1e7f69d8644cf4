"""Definitions as code: dashboards, segments, rules and reports from YAML files into the store and back.

bundle = load_files(["reports.yaml"])
checked = check(bundle, HostCatalogue(host))     # DefinitionError lists every mistake
plan(checked, host.store).diff                   # what would change
apply(checked, host.store, by="ann")             # all of it, or nothing
export(host.store)                               # YAML that applies to no change
"""

from pressroom.definitions.apply import apply
from pressroom.definitions.bundle import Bundle, load_files, load_text
from pressroom.definitions.catalogue import Catalogue, HostCatalogue, Inventory
from pressroom.definitions.check import Checked, Item, check
from pressroom.definitions.export import export
from pressroom.definitions.plan import Change, Plan, plan

__all__ = [
    "Bundle",
    "Catalogue",
    "Change",
    "Checked",
    "HostCatalogue",
    "Inventory",
    "Item",
    "Plan",
    "apply",
    "check",
    "export",
    "load_files",
    "load_text",
    "plan",
]

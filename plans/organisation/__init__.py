"""The organisation: people, their roles and superiors, departments, passwords and tokens."""

from plans.organisation.directory import OrganisationDirectory
from plans.organisation.roles import ROLES

__all__ = ["ROLES", "OrganisationDirectory"]

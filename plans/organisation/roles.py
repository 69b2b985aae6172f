"""The roles that the policy and the product know. Each is also a group of the directory."""

from __future__ import annotations

from collections.abc import Mapping

from engine.messages import translatable

ROLES: Mapping[str, str] = {
    "operations_supervisor": translatable("Operations supervisor"),
    "superior": translatable("Superior"),
    "management": translatable("Company management"),
    "team_member": translatable("Team member"),
    "department_head": translatable("Department head"),
    "process_designer": translatable("Process designer"),
    "auditor": translatable("Auditor"),
    "administrator": translatable("Administrator"),
    "integration": translatable("Connected system"),
}
"""Role ids with their English names; in the policy 運營主管, 上級領導, 公司管理層, 團隊成員 and so on."""

DEPARTMENT = "department:"
DEPARTMENT_HEAD = "department_head:"
"""Prefixes of the groups that a department makes: its members, and its head alone."""

"""The blueprint that every page belongs to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("pages", __name__)

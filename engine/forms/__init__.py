"""Forms: form-js JSON compiled to JSON Schema, and submissions checked on the server.

``compile_form`` refuses at deployment what the server could not check; ``docs/reference/forms.md`` says
what it takes.
"""

from engine.forms.form import CompiledForm, compile_form
from engine.forms.translation import labels, translate

__all__ = ["CompiledForm", "compile_form", "labels", "translate"]

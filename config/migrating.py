"""Operations that migrations share."""

from django.db.migrations import SeparateDatabaseAndState
from django.db.migrations.state import ProjectState


class OnlyNamed(SeparateDatabaseAndState):
    """Names of models and fields, which no database knows: rendered once, not after each name."""

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Forget what is rendered; whoever needs it next renders it anew."""
        state.__dict__.pop("apps", None)
        super().state_forwards(app_label, state)

"""A page of one's own account that needs to know every app."""

from tempfile import TemporaryFile

from django.http import FileResponse
from django.views.decorators.http import require_POST

from accounts.decorators import PersonRequest, person_required
from operations.personal import export_person


@person_required
@require_POST
def own_data(request: PersonRequest) -> FileResponse:
    """Give a person everything that is kept about them, as one ZIP file."""
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    export_person(user=request.user, file=file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="voicetell-my-data.zip")

"""Writes: which version judges. A person's promotion needs a passed gate, or a written reason."""

import hashlib

from django.db import transaction

from accounts.models import User
from accounts.services import record
from training.models import AliasName, GateReport, ModelAlias, ModelVersion
from training.selectors.gates import gate_report
from training.selectors.registry import version_for
from training.services.registry import point, promote

SHORTEST_REASON = 10
"""Characters of an override's reason: it is read by whoever asks later."""


class PromotionError(Exception):
    """The alias cannot be moved as asked; `code` is a key of `detector.messages.PROBLEMS`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@transaction.atomic
def promote_by_gate(*, version: ModelVersion, actor: User | None, reason: str = "") -> None:
    """Make a version champion because its gate against the present one passed, or in spite of it.

    Raises
    ------
    PromotionError
        ``already_champion``; ``artifact_changed``, so that no worker meets a file that it cannot
        load; ``gate_not_passed`` where the gate stopped the version, or nobody compared the two,
        and `reason` is shorter than `SHORTEST_REASON`.
    """
    champion = _locked_champion()
    if champion == version:
        raise PromotionError("already_champion", found=version.name)
    _check_artifact(version)
    report = gate_report(version, champion) if champion else None
    passed = champion is None or (report is not None and report.passed)
    if not passed and len(reason.strip()) < SHORTEST_REASON:
        raise PromotionError("gate_not_passed", limit=SHORTEST_REASON)
    if not passed:
        record(
            actor=actor,
            action="gate.overridden",
            target=version.name,
            details={"reason": reason, "gate": str(report.pk) if report else None},
        )
    _let_go_of_challenger(version)
    promote(version=version, actor=actor, reason=reason)


@transaction.atomic
def roll_back(*, actor: User | None, reason: str = "") -> ModelVersion:
    """Make the former champion champion again; the present one becomes `previous`.

    Raises
    ------
    PromotionError
        ``no_previous``, or ``artifact_changed``.
    """
    champion = _locked_champion()
    previous = version_for(AliasName.PREVIOUS)
    if previous is None or champion is None:
        raise PromotionError("no_previous")
    _check_artifact(previous)
    record(
        actor=actor,
        action="version.rolled_back",
        target=champion.name,
        details={"reason": reason, "to": previous.name},
    )
    promote(version=previous, actor=actor, reason=reason)
    return previous


@transaction.atomic
def set_challenger(*, version: ModelVersion | None, actor: User | None) -> None:
    """Let a version score live clips in the champion's shadow; None ends that.

    Raises
    ------
    PromotionError
        ``already_champion``, or ``artifact_changed``.
    """
    former = version_for(AliasName.CHALLENGER)
    if version == former:
        return
    if version is None:
        ModelAlias.objects.filter(name=AliasName.CHALLENGER).delete()
    else:
        if version == version_for(AliasName.CHAMPION):
            raise PromotionError("already_champion", found=version.name)
        _check_artifact(version)
        point(AliasName.CHALLENGER, version)
    record(
        actor=actor,
        action="challenger.set" if version else "challenger.cleared",
        target=version.name if version else former.name if former else "",
    )


@transaction.atomic
def report_gate(
    *, version: ModelVersion, champion: ModelVersion, result: dict[str, object]
) -> GateReport:
    """Keep what the gate found: `training.learning.gate.GateResult.to_json`."""
    return GateReport.objects.create(version=version, champion=champion, **result)


def _locked_champion() -> ModelVersion | None:
    """Return the champion; nobody else moves the alias until the transaction ends."""
    alias = (
        ModelAlias.objects.select_for_update(of=("self",))
        .select_related("version")
        .defer("version__manifest")
        .filter(name=AliasName.CHAMPION)
        .first()
    )
    return alias.version if alias else None


def _let_go_of_challenger(version: ModelVersion) -> None:
    ModelAlias.objects.filter(name=AliasName.CHALLENGER, version=version).delete()


def _check_artifact(version: ModelVersion) -> None:
    try:
        with version.artifact.storage.open(str(version.artifact.name)) as file:
            found = hashlib.sha256(file.read()).hexdigest()
    except OSError:
        found = ""
    if found != version.artifact_sha256:
        raise PromotionError("artifact_changed", found=version.name)

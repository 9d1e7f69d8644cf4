"""A claim on one message with all its recipients: hand it over once, then write down what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from pressroom.channels import Outcome, Receipt, Recipient
from pressroom.errors import LeaseLost
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import DeliveryState
from pressroom.press.ledger_rows import HELD, move, short
from pressroom.store.repository import Clock
from pressroom.store.sessions import Sessions

_FINAL = {
    Outcome.sent: DeliveryState.sent,
    Outcome.refused: DeliveryState.refused,
    Outcome.ambiguous: DeliveryState.ambiguous,
    Outcome.skipped: DeliveryState.skipped,
}


class MessageClaim:
    """The recipients of one message that are to get it now.

    Attributes:
        channel, message: which.
        key: the same for every try of the message, different for every other one in any store.
        recipients: those who have not got it and are due.
        attempts: how often it was claimed, this time included.
    """

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        hold: Callable[[Session], RunRow],
        run: RunRow,
        rows: Sequence[DeliveryRow],
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._hold = hold
        self._run_id, self._owner, self._attempt = int(run.id or 0), run.owner, run.attempt
        self._idempotent = rows[0].idempotent
        self.channel = rows[0].channel
        self.message = rows[0].message
        self.key = f"{run.id}-{run.nonce}-{self.channel}-{self.message}"
        self.recipients = tuple(_recipient(row) for row in rows)
        self.attempts = max(row.attempts for row in rows)

    def handing_over(self) -> None:
        """Commit that the irrevocable act begins now; pass this to `Channel.deliver`. Renews the lease.

        Raises:
            LeaseLost: the run was taken over or cancelled: do not send.
        """
        with self._sessions.write() as session:
            self._hold(session)
            rows = self._mine(session)
            for row in rows:
                if row.state == DeliveryState.claimed:
                    move(row, DeliveryState.handing_over, self._clock())

    def record(self, receipts: Sequence[Receipt], retry_at: datetime | None = None) -> None:
        """Write down what the channel said of each recipient; also after the run was cancelled.

        A recipient without a receipt counts as deferred before the hand-over. After it, as ambiguous, or as
        deferred where the channel is idempotent.

        Args:
            receipts: the channel's answers; those of strangers are ignored.
            retry_at: when what is deferred is tried again; None to give up: it is refused.

        Raises:
            LeaseLost: somebody else has decided on these deliveries meanwhile.
        """
        answers: dict[tuple[str, str], Receipt] = {
            (receipt.recipient.address, receipt.recipient.role): receipt for receipt in receipts
        }
        with self._sessions.write() as session:
            for row in self._mine(session):
                receipt = answers.get((row.recipient, row.role)) or self._silence(row)
                self._answer(row, receipt, retry_at)

    def _answer(self, row: DeliveryRow, receipt: Receipt, retry_at: datetime | None) -> None:
        state = _FINAL.get(receipt.outcome)
        if state is None:
            state = DeliveryState.planned if retry_at else DeliveryState.refused
        move(row, state, self._clock(), receipt.answer)
        row.code, row.reference = receipt.code, short(receipt.reference)
        if state is DeliveryState.planned:
            row.retry_at = retry_at

    def _silence(self, row: DeliveryRow) -> Receipt:
        handed = row.state == DeliveryState.handing_over and not self._idempotent
        return Receipt(
            recipient=_recipient(row),
            outcome=Outcome.ambiguous if handed else Outcome.deferred,
            answer="the channel said nothing of this recipient",
        )

    def _mine(self, session: Session) -> list[DeliveryRow]:
        found = select(DeliveryRow).where(
            col(DeliveryRow.run_id) == self._run_id,
            col(DeliveryRow.channel) == self.channel,
            col(DeliveryRow.message) == self.message,
            col(DeliveryRow.owner) == self._owner,
            col(DeliveryRow.attempt) == self._attempt,
            col(DeliveryRow.state).in_(HELD),
        )
        rows = list(session.exec(found.order_by(col(DeliveryRow.id)).with_for_update()).all())
        if len(rows) != len(self.recipients):
            raise LeaseLost(f"run {self._run_id}: the message {self.key} is not in this process's hands any more")
        return rows


def _recipient(row: DeliveryRow) -> Recipient:
    return Recipient(address=row.recipient, role=row.role)  # type: ignore[arg-type]  # checked when it was planned

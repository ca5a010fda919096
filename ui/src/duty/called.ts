// In which words an alarm asks to be looked at; none when it no longer matters.
import type { View } from "../gen/types";
import type { GoTo } from "../host";
import { when } from "../handover/words";

export function calledWords(view: View, to: GoTo): { what: string; title: string } | null {
  if (to.page !== null) {
    const page = view.pages.find((it) => it.id === to.page && it.status === "triggered");
    return page === undefined ? null : { what: "A page calls", title: page.title };
  }
  if (to.maintenance != null) {
    const card = view.ledger.maintenances.find((it) => it.id === to.maintenance && it.reminder !== null);
    return card === undefined ? null : { what: "A maintenance needs you", title: card.it.title };
  }
  if (to.incident !== null) {
    const card = view.incidents.find((it) => it.id === to.incident);
    const late = card?.clock?.urgency === "over";
    return card?.clock == null || card.clock.urgency === "later"
      ? null
      : { what: late ? "An update is overdue" : "An update is due soon", title: card.title };
  }
  const shift = to.handover ? view.shifts.find((it) => it.handover.missing) : undefined;
  return shift === undefined ? null : { what: "A handover waits", title: when(shift) };
}

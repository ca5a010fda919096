// What people call each kind of status page.
import type { PageKind } from "../gen/types";

export const PAGE_KINDS: Record<PageKind, string> = {
  status_io: "Status.io",
  statuspage: "Statuspage",
  rss: "RSS or Atom",
};

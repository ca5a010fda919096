// Which links may be opened, and what is said about where they lead.

/** The host that a link leads to; `null` when it is no link that Herald opens. */
export function hostOf(link: string | null): string | null {
  if (link === null) return null;
  try {
    const url = new URL(link);
    return url.protocol === "https:" || url.protocol === "http:" ? url.host : null;
  } catch {
    return null;
  }
}

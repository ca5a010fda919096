// Puts light or dark on the page, as chosen or as the desktop says.
import type { Theme } from "../gen/types";

const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

/** Follows `theme` until the returned function is called. */
export function follow(theme: Theme): () => void {
  const media = dark();
  const put = () => {
    document.documentElement.dataset["theme"] = theme === "system" ? (media.matches ? "dark" : "light") : theme;
  };
  put();
  media.addEventListener("change", put);
  return () => media.removeEventListener("change", put);
}

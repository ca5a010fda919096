// Starts the window on the real host, or, while developing, on the pretend one: index.html?pretend=page&theme=dark.
import { mount } from "svelte";
import App from "./App.svelte";
import "./tokens.css";
import "./base.css";
import { type Host, isReal } from "./host";
import type { Place, Screen } from "./host/herald.svelte";
import { follow } from "./lib/theme";

// The desktop's colours until the first view says otherwise, so that nothing flashes.
follow("system")();

async function choose(): Promise<{ host: Host; screen: Screen; place?: Place | null }> {
  if (import.meta.env.DEV && !isReal()) {
    const { gallery } = await import("./host/gallery");
    return gallery(new URLSearchParams(location.search));
  }
  const { tauri } = await import("./host/tauri");
  return { host: tauri, screen: "duty" };
}

const target = document.getElementById("app");
if (target === null) throw new Error("index.html has no #app");
mount(App, { target, props: await choose() });

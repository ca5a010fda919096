// How the window is built, served for development and tested.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  // The oldest webview that Herald meets is the one of macOS 12; WebKitGTK and WebView2 are newer.
  build: { outDir: "dist", emptyOutDir: true, target: ["es2022", "safari15"], cssTarget: "safari15" },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/setup.ts"],
    // Two workers: the suite is short, and machines that run it are often busy with Rust.
    maxWorkers: 2,
    // axe reads a hundred pages in a few seconds, on a busy machine in many.
    testTimeout: 60_000,
    env: { TZ: "Europe/London" },
  },
});

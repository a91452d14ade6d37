import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const api = process.env["RINGFENCE_DEV_API"] ?? "http://127.0.0.1:8080";

/**
 * Builds the console into static files for a strict Content-Security-Policy.
 *
 * Nothing is inlined as a data: address, no script stands in the page, and every tag carries `__NONCE__`, which the
 * server replaces with a fresh value for each response.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "/",
  plugins: [react()],
  html: { cspNonce: "__NONCE__" },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 400,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "^/auth/": api, "^/o/[^/]+/v1/": api, "^/(livez|readyz|openapi.json|problems/)": api },
  },
});
